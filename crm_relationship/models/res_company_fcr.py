from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    fcr_reopen_window_days = fields.Integer(default=7)
