from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted.filtered(
            lambda move: move.is_sale_document(True)
        )._ensure_relationships()
        return posted

    def _ensure_relationships(self):
        """The customers of these invoices have a relationship."""
        pairs = {
            (move.company_id.id, move.commercial_partner_id.id)
            for move in self
            if move.commercial_partner_id
        }
        self.env["crm.relationship"].sudo()._ensure(pairs)
