from odoo import models


class RatingRating(models.Model):
    _inherit = "rating.rating"

    _relationship_partner_idx = models.Index("(partner_id) WHERE consumed")
