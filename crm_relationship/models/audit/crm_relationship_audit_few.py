from odoo import models

from ...analytics import fairness
from ...queries import audit_services

# Grounds by which a policy may give key accounts what others do not get; revenue is none.
RULES = ("need", "use", "contract")


class CrmRelationshipAudit(models.Model):
    """Services in which key accounts are treated otherwise."""

    _inherit = "crm.relationship.audit"

    def _write_services(self, period):
        """What only key accounts received, and what differs for no ground but revenue."""
        differing = self._get_differing()
        rows = self._prepare_key_only(period, differing)
        revenue = differing.filtered(lambda item: item.ground == "revenue")
        self.env["crm.relationship.audit.service"].sudo().create(
            [
                *rows,
                *(self._prepare_revenue_only(item) for item in revenue),
            ]
        )
        return {
            **self._prepare_floor_values(),
            "key_only_count": len(rows),
            "differing_count": len(differing),
            "revenue_only_count": len(revenue),
        }

    def _prepare_floor_values(self):
        """What the floor promises now."""
        floor = self._get_floor()
        return {
            "floor_first_response_hours": floor.first_response_hours,
            "floor_resolution_hours": floor.resolution_hours,
            "floor_kinds": "\n".join(
                item._get_text() for item in floor.kind_promise_ids
            ),
        }

    def _prepare_key_only(self, period, differing):
        """What only key accounts used, without a rule that gives it to all of those who did."""
        key = self.env.ref("crm_relationship.segment_key", raise_if_not_found=False)
        if not key:
            return []
        by_rule = differing.filtered(lambda item: item.ground in RULES)
        policies = self.env["crm.relationship.policy"].sudo()
        policies = policies.search([("company_id", "=", self.company_id.id)])
        rules, offers = policies._get_rules(self.company_id), policies._get_offers()
        found = []
        for row in audit_services.fetch_key_only(self.env, period, key.id):
            types = self.env["crm.relationship.type"].browse(row.pop("type_ids"))
            offered = (
                fairness.reach(
                    policies._get_chain(self.company_id, key, type_, rules).ids, offers
                ).get(row["service_id"])
                for type_ in types
            )
            if not all(item and item in by_rule for item in offered):
                found.append(self._prepare_service("key_only", **row))
        return found

    def _get_differing(self):
        """Entitlements on other terms than the floor's."""
        floor = self._get_floor()
        least = {item.service_id: item._get_terms() for item in floor.entitlement_ids}
        return (
            self.env["crm.relationship.entitlement"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("policy_id.active", "=", True),
                    ("policy_id", "!=", floor.id),
                ]
            )
            .filtered(lambda item: item._get_terms() != least.get(item.service_id))
        )

    def _prepare_revenue_only(self, entitlement):
        return self._prepare_service(
            "revenue_only",
            entitlement.service_id.id,
            policy_name=entitlement.policy_id.display_name,
            terms=entitlement._get_terms_label(),
            note=entitlement.note,
        )

    def _prepare_service(self, finding, service_id, **values):
        service = self.env["crm.relationship.service"].sudo().browse(service_id)
        least = self._get_floor().entitlement_ids.filtered(
            lambda item: item.service_id == service
        )
        return {
            "audit_id": self.id,
            "finding": finding,
            "service_id": service.id,
            "service_name": service.name,
            "floor_terms": least and least._get_terms_label(),
            **values,
        }
