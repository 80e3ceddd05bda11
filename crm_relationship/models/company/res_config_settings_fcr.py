from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    fcr_definition = fields.Selection(
        related="company_id.fcr_definition", readonly=False
    )
    fcr_reopen_window_days = fields.Integer(
        related="company_id.fcr_reopen_window_days", readonly=False
    )
    fcr_definition_since = fields.Date(related="company_id.fcr_definition_since")
    fcr_recount_left_count = fields.Integer(related="company_id.fcr_recount_left_count")
