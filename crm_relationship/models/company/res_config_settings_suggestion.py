from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    relationship_suggestion_count = fields.Integer(
        related="company_id.relationship_suggestion_count", readonly=False
    )
    relationship_suggestion_minimum_count = fields.Integer(
        related="company_id.relationship_suggestion_minimum_count", readonly=False
    )
    relationship_suggestion_confidence_ratio = fields.Float(
        related="company_id.relationship_suggestion_confidence_ratio", readonly=False
    )
    relationship_suggestion_window_months = fields.Integer(
        related="company_id.relationship_suggestion_window_months", readonly=False
    )
    relationship_suggestion_pause_days = fields.Integer(
        related="company_id.relationship_suggestion_pause_days", readonly=False
    )
