from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HelpdeskTicket(models.Model):
    """How long a ticket really took, told by those who worked on it."""

    _inherit = "helpdesk.ticket"

    handling_minutes = fields.Float(
        string="Minutes Worked",
        copy=False,
        groups="base.group_user",
        help="All the work on this ticket, its messages included. Where it is empty, the company's standard counts.",
    )

    @api.constrains("handling_minutes")
    def _check_handling_minutes(self):
        for ticket in self:
            if ticket.handling_minutes < 0:
                raise ValidationError(
                    self.env._(
                        "%(ticket)s: %(minutes)g minutes worked cannot be. Enter 0 or more; empty or 0 means not"
                        " measured.",
                        ticket=ticket.display_name,
                        minutes=ticket.handling_minutes,
                    )
                )
