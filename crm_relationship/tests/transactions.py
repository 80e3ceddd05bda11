"""What the tests of the transaction contract share: documents, and the facts in plain Python."""

from datetime import date

from odoo import Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .common import RelationshipMixin

TODAY = date(2026, 3, 16)

CONTRACT = (
    "company_id",
    "partner_id",
    "contact_id",
    "date",
    "kind",
    "document_model",
    "document_id",
    "product_id",
    "quantity",
    "revenue",
    "cost",
    "discount",
)


class TransactionCase(RelationshipMixin, AccountTestInvoicingCommon):
    """A company with a chart of accounts, products in several units, and the naive reference."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.is_company = True
        cls.contact = cls.env["res.partner"].create(
            {"name": "Buyer", "parent_id": cls.partner_a.id}
        )
        cls.gold = cls.setup_other_currency(
            "EUR", rates=[("2020-01-01", 2.0), ("2026-01-01", 4.0), ("2026-03-01", 5.0)]
        )
        cls.bolt = cls._create_product(name="Bolt", standard_price=6.0, lst_price=10.0)
        cls.box = cls._create_product(
            name="Box", standard_price=60.0, lst_price=100.0, uom_id=cls.uom_dozen.id
        )
        cls.product = cls.bolt
        (cls.bolt + cls.box).write(
            {"invoice_policy": "order", "taxes_id": [Command.clear()]}
        )

    @classmethod
    def get_default_groups(cls):
        return (
            super().get_default_groups()
            | cls.env.ref("sales_team.group_sale_manager")
            | cls.env.ref("helpdesk_mgmt.group_helpdesk_manager")
            | cls.env.ref("crm_relationship.group_relationship_manager")
            | cls.env.ref("product.group_product_manager")
        )

    def set_basis(self, basis, company=None):
        (company or self.company).sudo().relationship_revenue_basis = basis

    def both_bases(self):
        for basis in ("invoiced", "ordered"):
            self.set_basis(basis)
            with self.subTest(basis=basis):
                yield basis

    # --- documents ---

    def line(self, product=None, price=10.0, quantity=1.0, **values):
        values.setdefault("tax_ids", [Command.clear()])
        quantity_name = (
            "product_uom_qty" if values.pop("is_order", True) else "quantity"
        )
        return Command.create(
            {
                "product_id": (product or self.bolt).id,
                "price_unit": price,
                quantity_name: quantity,
                **values,
            }
        )

    def sell(self, *lines, partner=None, day=TODAY, **values):
        """A confirmed order of that day."""
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.partner_a).id,
                "order_line": list(lines) or [self.line()],
                **values,
            }
        )
        order.action_confirm()
        order.date_order = f"{day} 12:00:00"
        return order

    def invoice(
        self, *lines, partner=None, day=TODAY, move_type="out_invoice", **values
    ):
        """A posted invoice of that day."""
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": (partner or self.partner_a).id,
                "invoice_date": day,
                "invoice_line_ids": list(lines) or [self.line(is_order=False)],
                **values,
            }
        )
        move.action_post()
        return move

    def invoice_order(self, order, day=TODAY):
        move = order._create_invoices()
        move.invoice_date = day
        move.action_post()
        return move

    def refund(self, move, day=TODAY, **quantities):
        """A posted credit note for an invoice, in full or for other quantities of its first line."""
        note = self._reverse_invoice(move, date=day)
        if quantities:
            note.invoice_line_ids[0].write(quantities)
        note.action_post()
        return note

    def pay_in_advance(self, order, percentage=30, day=TODAY):
        """The posted invoice of a down payment, made by Odoo's own wizard."""
        wizard = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        )
        wizard.create(
            {"advance_payment_method": "percentage", "amount": percentage}
        ).create_invoices()
        move = order.invoice_ids.sorted("id")[-1]
        move.invoice_date = day
        move.action_post()
        return move

    # --- the facts and a naive reference ---

    def facts(self, company=None):
        """The rows of the contract as dicts, of one company."""
        _names, rows = self.fetch(
            self.env["crm.relationship.source"]._get_transaction_query()
        )
        rows = [dict(zip(CONTRACT, row, strict=True)) for row in rows]
        return [
            row for row in rows if row["company_id"] == (company or self.company).id
        ]

    def totals(self, company=None):
        """(revenue, cost, discount) over all facts, rounded."""
        rows = self.facts(company)
        return tuple(
            round(sum(row[name] for row in rows), 2)
            for name in ("revenue", "cost", "discount")
        )

    def expected(self, company=None):
        company = company or self.company
        moves = (
            self.env["account.move"].sudo().search([("company_id", "=", company.id)])
        )
        rows = []
        if company.sudo().relationship_revenue_basis == "ordered":
            orders = (
                self.env["sale.order"].sudo().search([("company_id", "=", company.id)])
            )
            for line in orders.order_line:
                rows += self.expected_of_order_line(line)
            types = ["out_refund"]
        else:
            types = ["out_invoice", "out_receipt", "out_refund"]
        for line in moves.filtered(
            lambda move: move.move_type in types
        ).invoice_line_ids:
            rows += self.expected_of_move_line(line)
        return rows

    def expected_of_order_line(self, line):
        order = line.order_id
        if order.state != "sale" or line.display_type or line.is_downpayment:
            return

        def convert(amount):
            return order.currency_id._convert(
                amount,
                order.company_id.currency_id,
                order.company_id,
                order.date_order,
                round=False,
            )

        quantity = line.product_uom_qty
        yield {
            "company_id": order.company_id.id,
            "partner_id": order.partner_id.commercial_partner_id.id,
            "contact_id": order.partner_id.id,
            "date": order.date_order,
            "kind": "sale",
            "document_model": "sale.order",
            "document_id": order.id,
            "product_id": line.product_id.id or None,
            "quantity": line.product_uom_id._compute_quantity(
                quantity, line.product_id.uom_id, round=False
            ),
            "revenue": convert(line.price_subtotal),
            "cost": convert(line.purchase_price * quantity),
            "discount": convert(line.price_unit * quantity * line.discount / 100),
        }

    def expected_of_move_line(self, line):
        move, company = line.move_id, line.company_id
        basis = company.sudo().relationship_revenue_basis
        if move.state != "posted" or line.display_type != "product":
            return
        if basis == "ordered" and line.is_downpayment:
            return

        def convert(amount):
            return move.currency_id._convert(
                amount, company.currency_id, company, move.invoice_date, round=False
            )

        sign = -1 if move.move_type == "out_refund" else 1
        quantity = sign * line.quantity
        if line.product_id:
            quantity = sign * line.product_uom_id._compute_quantity(
                line.quantity, line.product_id.uom_id, round=False
            )
        yield {
            "company_id": company.id,
            "partner_id": move.partner_id.commercial_partner_id.id,
            "contact_id": move.partner_id.id,
            "date": move.invoice_date,
            "kind": self.expected_kind(line),
            "document_model": "account.move",
            "document_id": move.id,
            "product_id": line.product_id.id or None,
            "quantity": quantity,
            "revenue": sign * convert(line.price_subtotal),
            "cost": quantity * self.expected_unit_cost(line),
            "discount": sign
            * convert(line.price_unit * line.quantity * line.discount / 100),
        }

    def expected_kind(self, line):
        if line.move_id.move_type == "out_refund":
            return "refund"
        return "down_payment" if line.is_downpayment else "sale"

    def expected_unit_cost(self, line):
        """What one of the product's unit cost, in company currency: as sold, else as of today."""
        sold = line.sale_line_ids[:1]
        if not sold:
            return line.product_id.with_company(line.company_id).standard_price
        price = sold.purchase_price
        if line.product_id:
            price = sold.product_uom_id._compute_price(price, line.product_id.uom_id)
        return sold.currency_id._convert(
            price,
            line.company_id.currency_id,
            line.company_id,
            sold.order_id.date_order,
            round=False,
        )

    def assert_as_expected(self, company=None):
        """The SQL gives the rows of the reference, cents apart at most."""

        def key(row):
            texts = (row["document_model"], row["document_id"], row["product_id"] or 0)
            return *texts, round(row["quantity"], 4), round(row["revenue"], 1)

        found = sorted(self.facts(company), key=key)
        expected = sorted(self.expected(company), key=key)
        self.assertEqual(len(found), len(expected))
        for row, reference in zip(found, expected, strict=True):
            for name, value in reference.items():
                if name == "date":
                    self.assertEqual(
                        row[name].date(), getattr(value, "date", lambda v=value: v)()
                    )
                elif isinstance(value, float):
                    self.assertAlmostEqual(
                        row[name], value, delta=0.03, msg=f"{name} of {row}"
                    )
                else:
                    self.assertEqual(row[name], value, f"{name} of {row}")
