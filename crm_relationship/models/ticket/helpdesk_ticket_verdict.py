from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...queries import verdict as rule

VERDICTS = [("kept", "Kept"), ("broken", "Broken")]


class HelpdeskTicket(models.Model):
    """Whether the promises of a ticket were kept, and whether it still is a ticket of its own: for counting."""

    _inherit = "helpdesk.ticket"

    is_merged = fields.Boolean(
        string="Merged",
        compute="_compute_is_merged",
        search="_search_is_merged",
        groups="base.group_user",
        help="What is written on it belongs to the ticket that it is a duplicate of.",
    )
    first_response_verdict = fields.Selection(
        VERDICTS,
        string="First Response Promise",
        compute="_compute_verdicts",
        search="_search_first_response_verdict",
        groups="base.group_user",
        help="Empty while it is open, or where nothing was promised.",
    )
    resolution_verdict = fields.Selection(
        VERDICTS,
        string="Solution Promise",
        compute="_compute_verdicts",
        search="_search_resolution_verdict",
        groups="base.group_user",
        help="Empty while it is open, or where nothing was promised.",
    )

    @api.depends("duplicate_id", "company_id", "commercial_partner_id")
    def _compute_is_merged(self):
        for ticket in self:
            ticket.is_merged = ticket._is_merged()

    def _search_is_merged(self, operator, value):
        if operator != "in":
            return NotImplemented

        def to_sql(model, alias, query):
            merged = rule.is_merged(self._get_columns(model, alias, query))
            return SQL("%s IN %s", merged, tuple(map(bool, value)))

        return Domain.custom(to_sql=to_sql)

    @api.depends(
        "first_response_at",
        "first_response_deadline",
        "resolution_deadline",
        "resolved_at",
        "event_ids.kind",
    )
    def _compute_verdicts(self):
        """As the search decides: two queries for each promise, whatever the number of tickets."""
        # sudo: only whether these tickets, which the user reads, are found
        tickets = self.sudo().with_context(active_test=False)
        for name in ("first_response_verdict", "resolution_verdict"):
            found = {}
            for verdict, _label in VERDICTS:
                domain = [("id", "in", self.ids), (name, "=", verdict)]
                found |= dict.fromkeys(tickets._search(domain), verdict)
            for ticket in self:
                ticket[name] = found.get(ticket._origin.id, False)

    def _search_first_response_verdict(self, operator, value):
        return self._search_verdict(rule.first_response, operator, value)

    def _search_resolution_verdict(self, operator, value):
        return self._search_verdict(rule.resolution, operator, value)

    @api.model
    def _search_verdict(self, get_verdict, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        names = [name for name in value if name]

        def to_sql(model, alias, query):
            verdict = get_verdict(self._get_columns(model, alias, query), now)
            is_one = SQL("COALESCE(%s = ANY(%s), FALSE)", verdict, names)
            if len(names) == len(value):
                return is_one
            return SQL("(%s OR %s IS NULL)", is_one, verdict)

        return Domain.custom(to_sql=to_sql)

    @staticmethod
    def _get_columns(model, alias, query):
        """Name of a field -> its column, known to be read so that it is flushed before."""
        return lambda name: model._field_to_sql(alias, name, query)
