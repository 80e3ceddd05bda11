from odoo import models

from ..queries.duplicates import (
    IN_USE,
    NAME_KEY,
    PHONE_KEY,
    VAT_KEY,
    WITHOUT_NUMBER,
)

WHERE_IN_USE = " WHERE " + IN_USE


def _trigram_index(registry):
    """Similar names are looked for where PostgreSQL has trigrams only."""
    if not registry.has_trigram:
        return ""
    return "USING gin (lower(name) gin_trgm_ops) WHERE " + WITHOUT_NUMBER


class ResPartner(models.Model):
    """What finds the same customer twice without reading all of them."""

    _inherit = "res.partner"

    _relationship_vat_idx = models.Index("((" + VAT_KEY + "))" + WHERE_IN_USE)
    _relationship_name_idx = models.Index("((" + NAME_KEY + "))" + WHERE_IN_USE)
    _relationship_email_idx = models.Index("(email_normalized)" + WHERE_IN_USE)
    _relationship_phone_idx = models.Index("((" + PHONE_KEY + "))" + WHERE_IN_USE)
    _relationship_trigram_idx = models.Index(_trigram_index)
