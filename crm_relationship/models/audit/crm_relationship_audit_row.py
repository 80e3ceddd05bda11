from odoo import api, fields, models
from odoo.exceptions import UserError

from ...uninstall import is_uninstall


class CrmRelationshipAuditRow(models.AbstractModel):
    """A row of an audit: written when the audit runs, and part of what is sealed."""

    _name = "crm.relationship.audit.row"
    _description = "Row of a Fairness Audit"
    _log_access = False

    audit_id = fields.Many2one(
        "crm.relationship.audit",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="audit_id.company_id")

    @api.model_create_multi
    def create(self, vals_list):
        audits = self.env["crm.relationship.audit"].browse(
            vals["audit_id"] for vals in vals_list if vals.get("audit_id")
        )
        audits._refuse_sealed()
        return super().create(vals_list)

    def write(self, vals):
        self.audit_id._refuse_sealed()
        target = self.env["crm.relationship.audit"].browse(vals.get("audit_id"))
        target._refuse_sealed()
        return super().write(vals)

    def unlink(self):
        if not is_uninstall(self.env):
            self.audit_id._refuse_sealed()
        return super().unlink()

    def _open_tickets(self, tickets, name):
        """The action that shows tickets; a single one as its form."""
        if not tickets:
            raise UserError(self.env._("There is no ticket to show."))
        action = {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "helpdesk.ticket",
            "view_mode": "list,form",
            "domain": [("id", "in", tickets.ids)],
            "context": {"active_test": False},
        }
        if len(tickets) == 1:
            action |= {"view_mode": "form", "res_id": tickets.id}
        return action
