from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ticket_owner_assignment = fields.Boolean(
        related="company_id.ticket_owner_assignment", readonly=False
    )
    ticket_warning_ratio = fields.Float(
        related="company_id.ticket_warning_ratio", readonly=False
    )
