from odoo import api, models

from .helpdesk_ticket import ROUTED_FIELDS


class HelpdeskTicket(models.Model):
    """What the form proposes while a ticket is typed."""

    _inherit = "helpdesk.ticket"

    @api.onchange("partner_id", "company_id")
    def _onchange_relationship(self):
        """Show the policy's priority, team and owner before the ticket is saved.

        They replace defaults and what the policy of another customer gave: neither is a person's choice.
        """
        if not self.partner_id and not self.routing:
            return
        defaults = self._get_default_routing()
        unchosen = self._get_unchosen(self.routing or defaults)
        given = {**defaults, **self._get_proposed_routing()}
        for name in unchosen:
            self[name] = given[name]
        self.routing = {name: given[name] for name in unchosen}

    def _get_unchosen(self, before):
        """The routed fields that are empty or hold what was there before anybody chose."""
        current = {
            "priority": self.priority,
            "team_id": self.team_id.id,
            "user_id": self.user_id.id,
        }
        return [
            name
            for name in ROUTED_FIELDS
            if not current[name] or current[name] == before.get(name, "chosen")
        ]

    def _get_proposed_routing(self):
        """Priority, team and owner by the policy of the customer in the form; nothing is created for it."""
        relationships = self.env["crm.relationship"].sudo()
        pair = (self.company_id.id, self.partner_id.sudo().commercial_partner_id.id)
        relationship = relationships._find([pair]).get(pair, relationships)
        policy = self._get_policy(relationship, self.company_id)
        return self._prepare_routing_values(policy, relationship)

    def _get_default_routing(self):
        """Priority, team and owner of a new ticket before anybody chooses; nobody for one that exists."""
        if self._origin:
            return {"priority": "1", "team_id": False, "user_id": False}
        defaults = self.default_get(list(ROUTED_FIELDS))
        user = self.env["res.users"].browse(defaults.get("user_id"))
        return {
            "priority": defaults.get("priority", "1"),
            "team_id": defaults.get("team_id") or user.helpdesk_team_ids[:1].id,
            "user_id": user.id,
        }
