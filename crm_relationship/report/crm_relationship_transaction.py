from odoo import fields, models

from ..queries import reports


class CrmRelationshipTransaction(models.Model):
    """One line of what a customer bought or gave back, by the revenue basis of the company.

    Read only, never copied: the UNION ALL of the transaction sources with the relationship of its customer.
    """

    _name = "crm.relationship.transaction"
    _inherit = "crm.relationship.period"
    _description = "Relationship Transaction"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "document_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    contact_id = fields.Many2one("res.partner", string="Contact", readonly=True)
    date = fields.Datetime(readonly=True)
    kind = fields.Selection(
        [
            ("sale", "Sale"),
            ("refund", "Credit note"),
            ("down_payment", "Down payment"),
        ],
        readonly=True,
    )
    document_model = fields.Char(readonly=True)
    document_id = fields.Many2oneReference(
        model_field="document_model", string="Document", readonly=True
    )
    product_id = fields.Many2one("product.product", readonly=True)
    quantity = fields.Float(readonly=True)
    revenue = fields.Monetary(readonly=True)
    cost = fields.Monetary(
        readonly=True,
        groups="crm_relationship.group_relationship_manager",
        help="Purchase price frozen on the order line, else the product's current cost.",
    )
    margin = fields.Monetary(
        readonly=True, groups="crm_relationship.group_relationship_manager"
    )
    is_cost_estimated = fields.Boolean(
        string="Cost Estimated",
        readonly=True,
        groups="crm_relationship.group_relationship_manager",
        help="The line has no cost of its own: it counts with the present cost of the product.",
    )
    discount = fields.Monetary(string="Discount Given", readonly=True)
    relationship_id = fields.Many2one("crm.relationship", readonly=True)
    segment_id = fields.Many2one("crm.relationship.segment", readonly=True)
    primary_type_id = fields.Many2one(
        "crm.relationship.type", string="Primary Type", readonly=True
    )
    manager_id = fields.Many2one("res.users", string="Dedicated Manager", readonly=True)

    _depends = {
        "sale.order": [
            "company_id",
            "partner_id",
            "date_order",
            "state",
            "currency_rate",
        ],
        "sale.order.line": [
            "order_id",
            "product_id",
            "product_uom_qty",
            "product_uom_id",
            "price_unit",
            "price_subtotal",
            "discount",
            "purchase_price",
            "display_type",
            "is_downpayment",
            "invoice_lines",
            "tax_ids",
        ],
        "account.move": [
            "company_id",
            "partner_id",
            "invoice_date",
            "date",
            "state",
            "move_type",
            "invoice_currency_rate",
        ],
        "account.move.line": [
            "move_id",
            "partner_id",
            "product_id",
            "product_uom_id",
            "quantity",
            "price_unit",
            "discount",
            "balance",
            "display_type",
            "is_downpayment",
            "tax_ids",
        ],
        "account.tax": [
            "amount",
            "amount_type",
            "children_tax_ids",
            "company_id",
            "price_include_override",
        ],
        "crm.relationship": [
            "partner_id",
            "company_id",
            "segment_id",
            "primary_type_id",
            "manager_id",
        ],
        "res.company": ["account_price_include", "relationship_revenue_basis"],
        "res.partner": ["commercial_partner_id"],
        "product.product": ["standard_price"],
    }

    @property
    def _table_query(self):
        facts = self.env["crm.relationship.source"]._get_marked_transaction_query()
        order = (
            "date",
            "document_model",
            "document_id",
            "product_id",
            "revenue",
            "quantity",
            "cost",
            "discount",
        )
        return reports.with_margin(
            reports.with_relationship(facts, order, self._get_scope())
        )

    def action_open_document(self):
        """Open the order or invoice of this line."""
        self.ensure_one()
        document = self.env[self.document_model].browse(self.document_id)
        document.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "view_mode": "form",
        }
