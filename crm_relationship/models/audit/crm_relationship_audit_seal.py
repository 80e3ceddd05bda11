from odoo import api, fields, models
from odoo.exceptions import UserError

from ...queries import audit_seal
from ...uninstall import is_uninstall

# What people choose; the rest is measured.
SCOPE = {"company_id", "date_from", "date_to"}


class CrmRelationshipAudit(models.Model):
    """What is measured cannot be entered, and what is sealed cannot be changed."""

    _inherit = "crm.relationship.audit"

    def action_seal(self):
        """Keep the result as it is, for ever (button)."""
        self.check_access("write")
        for audit in self:
            audit._refuse_sealed()
            if audit.state != "done":
                raise UserError(
                    self.env._(
                        "The audit of %(period)s has no result to seal yet. Run it first.",
                        period=audit.display_name,
                    )
                )
        digests = audit_seal.fetch_digests(self.env, self.ids)
        for audit in self:
            audit._store(
                {
                    "state": "sealed",
                    "sealed_at": fields.Datetime.now(),
                    "sealed_by_id": self.env.uid,
                    "digest": digests[audit.id],
                }
            )
        return True

    def _refuse_sealed(self):
        for audit in self.sudo():
            if audit.state == "sealed":
                raise UserError(
                    self.env._(
                        "The audit of %(period)s is sealed: neither it nor its rows can be changed or deleted. Make a"
                        " new audit of the same period; it will stand beside this one.",
                        period=audit.display_name,
                    )
                )

    @api.depends("state", "digest", "line_ids", "breach_ids", "service_ids")
    def _compute_is_seal_broken(self):
        sealed = self.filtered(lambda audit: audit.id and audit.state == "sealed")
        broken = sealed._get_broken()
        for audit in self:
            audit.is_seal_broken = audit in broken

    def _get_broken(self):
        """Those of these sealed audits whose rows are not those that were sealed."""
        if not self:
            return self
        digests = audit_seal.fetch_digests(self.env, self.ids)
        return self.filtered(lambda audit: digests.get(audit.id) != audit.digest)

    def _search_is_seal_broken(self, operator, value):
        if operator != "in":
            return NotImplemented
        broken = self.search([("state", "=", "sealed")])._get_broken()
        return [("id", "in" if True in value else "not in", broken.ids)]

    # --- create, write, unlink ---

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_results(vals)
        audits = super().create(vals_list)
        audits._link_previous()
        return audits

    def write(self, vals):
        self._refuse_sealed()
        self._refuse_results(vals)
        result = super().write(vals)
        if SCOPE & set(vals):
            self._link_previous()
            self.filtered(lambda audit: audit.state == "done")._reset()
        return result

    @api.model
    def _refuse_results(self, vals):
        results = [name for name in vals if name in self._fields and name not in SCOPE]
        if results:
            raise UserError(
                self.env._(
                    "The result of an audit is measured, not entered: %(fields)s. Choose company and days, and run it.",
                    fields=", ".join(sorted(results)),
                )
            )

    def _store(self, vals):
        """Write what was measured."""
        return super().write(vals)

    def _link_previous(self):
        for audit in self:
            audit._store({"previous_id": audit._find_previous().id})

    def _find_previous(self):
        return self.search(
            [
                *((name, "=", self[name]) for name in ("date_from", "date_to")),
                ("company_id", "=", self.company_id.id),
                ("id", "<", self.id),
            ],
            order="id desc",
            limit=1,
        )

    def _reset(self):
        """The period changed: what was found belongs to another one."""
        audit_seal.delete_rows(self.env, self.ids)
        empty = {"state": "draft", "run_at": False, **self._prepare_empty_values()}
        self._store(empty)

    def unlink(self):
        if not is_uninstall(self.env):
            self._refuse_sealed()
        return super().unlink()
