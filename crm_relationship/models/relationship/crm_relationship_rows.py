from odoo import api, models

from ...queries import refresh


class CrmRelationship(models.Model):
    """Rows that appear by themselves: for a ticket, an order, an invoice, before the night comes."""

    _inherit = "crm.relationship"

    @api.model
    def _get_or_create(self, pairs):
        """The relationships of (company id, commercial partner id) pairs, made where missing.

        One query where all exist, three more where some are missing, whatever the number.

        :return: dict pair -> relationship.
        """
        found = self._find(pairs)
        missing = set(pairs) - set(found)
        if missing:
            self._insert(missing)
            found.update(self._find(missing))
        return found

    @api.model
    def _ensure(self, pairs):
        """Make the relationships of customers that just bought, where they are missing, as new customers."""
        missing = set(pairs) - set(self._find(pairs)) if pairs else set()
        if missing:
            self._insert(missing, "new", "onboarding")

    @api.model
    def _find(self, pairs):
        relationships = self.with_context(active_test=False).search_fetch(
            [
                ("company_id", "in", list({company for company, _partner in pairs})),
                ("partner_id", "in", list({partner for _company, partner in pairs})),
            ],
            [
                "company_id",
                "partner_id",
                "segment_id",
                "primary_type_id",
                "manager_id",
                "deputy_id",
            ],
        )
        found = {
            (item.company_id.id, item.partner_id.id): item for item in relationships
        }
        return {pair: found[pair] for pair in pairs if pair in found}

    @api.model
    def _insert(self, pairs, segment_code="small", stage_code="prospect"):
        """Insert rows for (company id, commercial partner id) pairs; a row that exists meanwhile is kept."""
        self.env["res.partner"].flush_model(["active"])
        companies = (
            self.env["res.company"].sudo().browse({company for company, _ in pairs})
        )
        values = {
            "segment_id": self._get_data("segment", segment_code).id or None,
            "stage_id": self._get_data("stage", stage_code).id or None,
            "type_ids": {
                company.id: company.relationship_default_type_id.id or None
                for company in companies
            },
        }
        refresh.insert_relationships(self.env, pairs, values)
        self._invalidate_partners()

    @api.model
    def _invalidate_partners(self):
        """What contacts show of their relationship was changed behind the ORM: read it anew."""
        self.env["res.partner"].invalidate_model(
            ["relationship_id", "relationship_type_id", "relationship_segment_id"]
        )
