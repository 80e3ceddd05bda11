from odoo import api, models
from odoo.exceptions import UserError

from ... import review

# A printed audit has so many breaches at most; the Excel file has all.
PRINTED_BREACHES = 300


class CrmRelationshipAudit(models.Model):
    """An audit on paper and as an Excel file."""

    _inherit = "crm.relationship.audit"

    def action_xlsx(self):
        """Download the audit as an Excel file (button)."""
        self.ensure_one()
        self.check_access("read")
        if self.state == "draft":
            raise UserError(
                self.env._(
                    "The audit of %(period)s has no result yet. Run it first.",
                    period=self.display_name,
                )
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/crm_relationship/audit/{self.id}",
            "target": "download",
        }

    @api.model
    def _find_readable(self, audit_id):
        """The audit with that id if the user may read it, else empty."""
        if not self.has_access("read"):
            return self.browse()
        return self.search([("id", "=", audit_id), ("state", "!=", "draft")])

    def _write_file(self, stream):
        self.ensure_one()
        review.write_audit(self, stream)

    def _get_file_title(self):
        return self.env._("Fairness audit %(period)s", period=self.display_name)

    def _get_filename(self):
        return f"{self._get_file_title().replace('/', '-')}.xlsx"

    def _get_printed_breaches(self):
        """The worst ones."""
        return self.breach_ids[:PRINTED_BREACHES]
