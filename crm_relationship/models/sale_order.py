from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    relationship_id = fields.Many2one(
        related="partner_id.relationship_id",
        groups="crm_relationship.group_relationship_user",
    )

    def _action_confirm(self):
        result = super()._action_confirm()
        pairs = {
            (order.company_id.id, order.partner_id.commercial_partner_id.id)
            for order in self
        }
        self.env["crm.relationship"].sudo()._ensure(pairs)
        self.env["crm.relationship.suggestion"]._accept_ordered(self)
        return result

    def action_view_relationship(self):
        """Open the relationship with the customer of this order."""
        self.ensure_one()
        return self.partner_id.with_company(self.company_id).action_view_relationship()
