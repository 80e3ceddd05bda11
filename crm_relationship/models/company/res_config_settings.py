from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    relationship_revenue_basis = fields.Selection(
        related="company_id.relationship_revenue_basis", readonly=False
    )
    relationship_key_share_ratio = fields.Float(
        related="company_id.relationship_key_share_ratio", readonly=False
    )
    relationship_core_share_ratio = fields.Float(
        related="company_id.relationship_core_share_ratio", readonly=False
    )
    relationship_new_days = fields.Integer(
        related="company_id.relationship_new_days", readonly=False
    )
    relationship_default_type_id = fields.Many2one(
        related="company_id.relationship_default_type_id", readonly=False
    )
    relationship_clv_horizon_months = fields.Integer(
        related="company_id.relationship_clv_horizon_months", readonly=False
    )
    relationship_discount_rate_ratio = fields.Float(
        related="company_id.relationship_discount_rate_ratio", readonly=False
    )

    def action_open_relationship_floor(self):
        """Open the service floor of the company."""
        floor = self.env["crm.relationship.policy"]._get_floor(self.company_id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.relationship.policy",
            "view_mode": "form",
            "res_id": floor.id,
        }
