from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    relationship_problem_window_days = fields.Integer(
        related="company_id.relationship_problem_window_days", readonly=False
    )
    relationship_problem_repeat_count = fields.Integer(
        related="company_id.relationship_problem_repeat_count", readonly=False
    )
    relationship_problem_customer_count = fields.Integer(
        related="company_id.relationship_problem_customer_count", readonly=False
    )
