from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    _relationship_done_idx = models.Index(
        "(res_model, res_id) WHERE date_done IS NOT NULL"
    )
