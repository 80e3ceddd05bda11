from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    relationship_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of Relationships"
    )
    relationship_hour_amount = fields.Monetary(
        related="company_id.relationship_hour_amount",
        readonly=False,
        currency_field="relationship_currency_id",
    )
    relationship_ticket_minutes = fields.Float(
        related="company_id.relationship_ticket_minutes", readonly=False
    )
    relationship_return_amount = fields.Monetary(
        related="company_id.relationship_return_amount",
        readonly=False,
        currency_field="relationship_currency_id",
    )
    relationship_late_payment_ratio = fields.Float(
        related="company_id.relationship_late_payment_ratio", readonly=False
    )
    relationship_winning_target_ratio = fields.Float(
        related="company_id.relationship_winning_target_ratio", readonly=False
    )
