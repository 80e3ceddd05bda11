from odoo import fields, models
from odoo.exceptions import UserError


class CrmRelationshipRefusalWizard(models.TransientModel):
    """Why a customer does not want what was suggested."""

    _name = "crm.relationship.refusal.wizard"
    _description = "Refuse a Suggestion"

    suggestion_ids = fields.Many2many("crm.relationship.suggestion", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Note the refusal: it is not suggested again before the company's pause is over."""
        self.ensure_one()
        reason = self.reason.strip()
        if not reason:
            raise UserError(
                self.env._("Say in a few words why the customer does not want it.")
            )
        self.suggestion_ids._refuse(reason)
        return {"type": "ir.actions.act_window_close"}
