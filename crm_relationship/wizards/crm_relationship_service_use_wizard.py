from datetime import date

from odoo import api, fields, models


class CrmRelationshipServiceUseWizard(models.TransientModel):
    """Note on a ticket that a service was given or refused, seeing what the customer is entitled to."""

    _name = "crm.relationship.service.use.wizard"
    _description = "Service Given or Refused"

    ticket_id = fields.Many2one("helpdesk.ticket", required=True)
    service_id = fields.Many2one("crm.relationship.service", required=True)
    state = fields.Selection(
        [("used", "Given"), ("refused", "Refused")], required=True, default="used"
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    reason = fields.Char()
    terms = fields.Char(
        string="Entitled To",
        compute="_compute_terms",
        help="What the policy of the customer says about this service.",
    )
    warning = fields.Char(compute="_compute_terms")

    @api.depends("ticket_id", "service_id", "date", "state")
    @api.depends_context("lang")
    def _compute_terms(self):
        for wizard in self:
            entitlement = wizard._get_entitlement()
            wizard.terms = (
                entitlement._get_terms_label()
                if entitlement
                else wizard.service_id
                and self.env._("Not among the customer's services")
            )
            wizard.warning = wizard._get_warning(entitlement)

    def _get_entitlement(self):
        """What the customer of the ticket may have of this service; empty for nothing."""
        relationship = (
            self.sudo().ticket_id.relationship_id
        )  # sudo: of a ticket that he may read
        if not relationship or not self.service_id:
            return self.env["crm.relationship.entitlement"]
        return relationship._get_entitlements().filtered(
            lambda item: item.service_id == self.service_id
        )

    def _get_warning(self, entitlement):
        if not self.service_id or not self.date:
            return False
        used = self._count_used()
        left = entitlement.quota - used if entitlement.quota else None
        numbers = {
            "service": self.service_id.name,
            "used": used,
            "quota": entitlement.quota,
            "year": self.date.year,
        }
        if self.state == "refused":
            if entitlement and (left is None or left > 0):
                return self.env._(
                    "The customer is entitled to “%(service)s”: %(terms)s. Used in %(year)s: %(used)s.",
                    terms=entitlement._get_terms_label(),
                    **numbers,
                )
            return False
        if not entitlement:
            return self.env._(
                "“%(service)s” is not among the customer's services. Used in %(year)s: %(used)s.",
                **numbers,
            )
        if left is not None and left <= 0:
            return self.env._(
                "The quota is used up: “%(service)s” was given %(used)s of %(quota)s times in %(year)s.",
                **numbers,
            )
        return False

    def _count_used(self):
        """How often the customer got the service in the calendar year."""
        relationship = self.sudo().ticket_id.relationship_id
        return (
            self.env["crm.relationship.service.use"]
            .sudo()
            .search_count(
                [
                    ("relationship_id", "=", relationship.id),
                    ("service_id", "=", self.service_id.id),
                    ("state", "=", "used"),
                    ("date", ">=", date(self.date.year, 1, 1)),
                    ("date", "<=", date(self.date.year, 12, 31)),
                ]
            )
        )

    def action_confirm(self):
        """Note it."""
        self.ensure_one()
        self.ticket_id.check_access("write")
        self.env["crm.relationship.service.use"].create(self._prepare_use())
        return {"type": "ir.actions.act_window_close"}

    def _prepare_use(self):
        ticket = self.ticket_id.sudo()
        return {
            "relationship_id": ticket.relationship_id.id,
            "company_id": ticket.company_id.id,
            "ticket_id": ticket.id,
            "service_id": self.service_id.id,
            "state": self.state,
            "date": self.date,
            "reason": self.reason,
        }
