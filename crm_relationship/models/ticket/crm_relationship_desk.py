from odoo import models

MANAGER = "crm_relationship.group_relationship_manager"
CONTACTS = 6
SUGGESTIONS = 3


class CrmRelationship(models.Model):
    """The customer in short, for who answers his ticket."""

    _inherit = "crm.relationship"

    def _prepare_desk_summary(self):
        """What to know of a customer before answering him, all of it by the rights of the user.

        Texts and lists only; ``contribution`` is for managers, False for others.
        """
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.display_name,
            "types": self.type_ids.mapped("display_name"),
            "segment": self.segment_id.display_name or False,
            "stage": self.stage_id.display_name or False,
            "manager": self.manager_id.sudo().name,  # sudo: only the names
            "deputy": self.deputy_id.sudo().name,
            "open_ticket_count": self.open_ticket_count,
            **self._prepare_desk_health(),
            "revenue": self.currency_id.format(self.revenue_12m_amount),
            "contribution": self._get_desk_contribution(),
            "suggestions": self._prepare_desk_suggestions(),
            "entitlements": self._prepare_desk_entitlements(),
            "contacts": self.get_timeline(limit=CONTACTS)["entries"],
        }

    def _prepare_desk_health(self):
        """The score and why: what moved since the closed month, else what the score consists of."""
        explanation = self.health_explanation
        components = {} if "<li>" in explanation else self._get_health_components()
        return {
            "health": round(self.health_score) if self.has_health else False,
            "health_explanation": explanation,
            "health_parts": [
                self._tell_component(measure, item)
                for measure, item in components.items()
            ],
        }

    def _get_desk_contribution(self):
        if not self.env.user.has_group(MANAGER) or not self.has_contribution:
            return False
        return self.currency_id.format(self.contribution_12m_amount)

    def _prepare_desk_suggestions(self):
        suggestions = self.env["crm.relationship.suggestion"].search(
            [("relationship_id", "=", self.id), ("state", "=", "open")],
            limit=SUGGESTIONS,
        )
        return [
            {"id": item.id, "name": item.product_id.display_name, "reason": item.reason}
            for item in suggestions
        ]

    def _prepare_desk_entitlements(self):
        return [
            {
                "id": item.id,
                "name": item.service_id.display_name,
                "terms": item.terms,
            }
            for item in self.entitlement_ids
        ]
