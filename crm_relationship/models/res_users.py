from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    _relationship_colleague_idx = models.Index("(partner_id) WHERE share IS NOT TRUE")
