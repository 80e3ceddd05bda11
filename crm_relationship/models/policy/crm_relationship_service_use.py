from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmRelationshipServiceUse(models.Model):
    """A customer got a service that he may be entitled to, or asked for it and was refused.

    Written by those who serve him, from the ticket or by hand. Managers correct mistakes.
    """

    _name = "crm.relationship.service.use"
    _description = "Use of a Service"
    _order = "date desc, id desc"
    _rec_name = "service_id"
    _check_company_auto = True

    relationship_id = fields.Many2one(
        "crm.relationship",
        string="Customer",
        required=True,
        ondelete="cascade",
        index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        ondelete="set null",
        index="btree_not_null",
        check_company=True,
    )
    service_id = fields.Many2one(
        "crm.relationship.service", required=True, ondelete="restrict", index=True
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    state = fields.Selection(
        [("used", "Given"), ("refused", "Refused")], required=True, default="used"
    )
    reason = fields.Char(help="Why it was refused, or given beyond what was agreed.")
    user_id = fields.Many2one(
        "res.users",
        string="Decided By",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )

    _company_date_index = models.Index("(company_id, date)")

    @api.constrains("state", "reason")
    def _check_reason(self):
        for use in self:
            if use.state == "refused" and not (use.reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "“%(service)s” was refused to %(customer)s: say why, in a few words.",
                        service=use.service_id.name,
                        customer=use.sudo().relationship_id.display_name,
                    )
                )

    @api.constrains("date")
    def _check_date(self):
        today = fields.Date.context_today(self)
        for use in self:
            if use.date > today:
                raise ValidationError(
                    self.env._(
                        "“%(service)s” cannot have been given on %(date)s, which is still to come. Enter today or an"
                        " earlier day.",
                        service=use.service_id.name,
                        date=use.date,
                    )
                )

    @api.constrains("ticket_id", "relationship_id")
    def _check_ticket(self):
        for use in self.sudo():
            own = use.ticket_id.relationship_id
            if use.ticket_id and own != use.relationship_id:
                raise ValidationError(
                    self.env._(
                        "%(ticket)s is a ticket of %(owner)s, not of %(customer)s. Choose a ticket of this customer, or"
                        " none.",
                        ticket=use.ticket_id.display_name,
                        owner=own.display_name or self.env._("nobody we know"),
                        customer=use.relationship_id.display_name,
                    )
                )
