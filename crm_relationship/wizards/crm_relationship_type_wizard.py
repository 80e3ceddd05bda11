from odoo import api, fields, models


class CrmRelationshipTypeWizard(models.TransientModel):
    """Moving a customer to another primary type: what it takes away is shown, and asks for a reason."""

    _name = "crm.relationship.type.wizard"
    _description = "Change Relationship Type"

    relationship_id = fields.Many2one("crm.relationship", required=True)
    old_type_id = fields.Many2one(
        related="relationship_id.primary_type_id", string="Type until Now"
    )
    type_id = fields.Many2one("crm.relationship.type", string="New Type", required=True)
    since = fields.Date(required=True, default=fields.Date.context_today)
    reason = fields.Char()
    losses = fields.Char(compute="_compute_losses", string="Takes away")

    @api.depends("relationship_id", "type_id")
    def _compute_losses(self):
        for wizard in self:
            losses = []
            if wizard.old_type_id and wizard.type_id:
                losses = wizard.old_type_id._get_losses(wizard.type_id)
            wizard.losses = "; ".join(losses)

    def action_confirm(self):
        """End the present primary type and begin the new one."""
        self.ensure_one()
        self.relationship_id.check_access("write")
        self.relationship_id._change_type(self.type_id, self.reason, self.since)
        return {"type": "ir.actions.act_window_close"}
