from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """Who gets new tickets of the company, and when its promises are in danger."""

    _inherit = "res.company"

    ticket_owner_assignment = fields.Boolean(
        string="Assign New Tickets Automatically",
        help="A new ticket that has no owner by its policy or a person's choice goes to the least loaded member of"
        " its team who handles the category and is not away.",
    )
    ticket_warning_ratio = fields.Float(
        string="Warn after",
        default=0.75,
        help="The owner is warned when this share of the promised working hours has passed.",
    )

    ticket_renewal_below = fields.Integer(
        readonly=True,
        help="Open tickets with a lower number in the database do not have the promise yet that holds now.",
    )

    @api.constrains("ticket_warning_ratio")
    def _check_ticket_warning_ratio(self):
        for company in self:
            if not 0.05 <= company.ticket_warning_ratio <= 0.99:
                raise ValidationError(
                    self.env._(
                        "%(company)s cannot warn after %(percent)g %% of a promise. Enter 5 to 99 %%.",
                        company=company.name,
                        percent=round(company.ticket_warning_ratio * 100, 2),
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if {"ticket_warning_ratio", "resource_calendar_id"} & set(vals):
            self.env["helpdesk.ticket"]._renew_promises(self)
        return result
