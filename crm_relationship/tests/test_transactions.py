import random
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..queries.sources import TRANSACTION_COLUMNS
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

    def pay_in_advance(self, order, percentage=30):
        """The posted invoice of a down payment, made by Odoo's own wizard."""
        wizard = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        )
        wizard.create(
            {"advance_payment_method": "percentage", "amount": percentage}
        ).create_invoices()
        move = order.invoice_ids.sorted("id")[-1]
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
            "kind": "refund" if sign < 0 else "sale",
            "document_model": "account.move",
            "document_id": move.id,
            "product_id": line.product_id.id or None,
            "quantity": quantity,
            "revenue": sign * convert(line.price_subtotal),
            "cost": quantity * self.expected_unit_cost(line),
            "discount": sign
            * convert(line.price_unit * line.quantity * line.discount / 100),
        }

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


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestTransactions(TransactionCase):
    def test_every_source_has_the_columns_of_the_contract(self):
        self.assertEqual(TRANSACTION_COLUMNS, CONTRACT)
        source = self.env["crm.relationship.source"]
        for name in source._get_sources():
            with self.subTest(name):
                query = self.env[name]._transaction_query()
                if query:
                    names, _rows = self.fetch(query)
                    self.assertEqual(tuple(names), CONTRACT)

    def test_random_documents_equal_the_naive_reference(self):
        for seed in (1, 2):
            self.make_random_documents(random.Random(seed))
        for _basis in self.both_bases():
            self.assert_as_expected()
            self.assertTrue(self.facts())

    def make_random_documents(self, dice):
        products = [
            self.bolt,
            self.box,
            self._create_product(name="Old", standard_price=3.0),
        ]
        for _number in range(6):
            lines = [
                self.random_line(dice, products) for _line in range(dice.randint(1, 4))
            ]
            values = {
                "partner": dice.choice([self.partner_a, self.contact, self.partner_b]),
                "day": TODAY - timedelta(days=dice.randrange(500)),
                "currency_id": dice.choice([self.company.currency_id, self.gold]).id,
            }
            self.make_random_order(dice, lines, dict(values))
            self.make_random_move(dice, lines, dict(values))
        products[-1].active = False
        for product in products[:2]:
            product.standard_price += dice.randint(1, 9)

    def random_line(self, dice, products):
        """(product, values) of a line: any unit, discounts up to all of it, zero and negative ones."""
        product = dice.choice(products)
        return {
            "product": product,
            "price": dice.choice([0, 10, 12.34, 999]),
            "quantity": dice.choice([-1, 1, 2, 7]),
            "discount": dice.choice([0, 0, 10, 25, 100]),
            "product_uom_id": dice.choice([self.uom_unit, self.uom_dozen]).id,
        }

    def make_random_order(self, dice, lines, values):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Any", "currency_id": values.pop("currency_id")}
        )
        note = Command.create({"display_type": "line_note", "name": "Thank you"})
        order_lines = [note, *(self.line(**line) for line in lines)]
        order = self.sell(*order_lines, pricelist_id=pricelist.id, **values)
        fate = dice.choice(["invoice", "refund", "cancel", "draft", "keep"])
        if fate in ("invoice", "refund") and order.invoice_status == "to invoice":
            move = order._create_invoices(final=True)
            move.invoice_date = values["day"]
            if move.amount_total >= 0:
                move.action_post()
                if fate == "refund" and move.move_type == "out_invoice":
                    self.refund(move, day=values["day"])
        elif fate == "cancel":
            order._action_cancel()
        elif fate == "draft":
            order.copy()

    def make_random_move(self, dice, lines, values):
        section = Command.create({"display_type": "line_section", "name": "Goods"})
        free = Command.create(
            {"name": "By word of mouth", "price_unit": 55.5, "tax_ids": []}
        )
        plus = self.line(price=20000, is_order=False)
        move_lines = [self.line(is_order=False, **line) for line in lines]
        kind = dice.choice(["out_invoice", "out_invoice", "out_refund", "out_receipt"])
        move = self.invoice(section, free, plus, *move_lines, move_type=kind, **values)
        if dice.random() < 0.2:
            move.button_draft()
        elif dice.random() < 0.2:
            move.button_draft()
            move.button_cancel()

    # --- each case by itself ---

    def test_foreign_currency_counts_at_the_rate_of_its_day(self):
        for day, expected in (
            ("2025-06-01", 50.0),
            ("2026-02-01", 25.0),
            ("2026-03-10", 20.0),
        ):
            self.invoice(
                self.line(price=100, is_order=False), day=day, currency_id=self.gold.id
            )
            last = max(self.facts(), key=lambda row: row["date"])
            self.assertAlmostEqual(last["revenue"], expected)
        self.assertEqual(self.totals()[0], 95.0)

    def test_two_companies_have_basis_and_currency_of_their_own(self):
        data = self.setup_other_company(name="Other", currency_id=self.gold.id)
        other = data["company"]
        self.env.user.company_ids += other
        self.set_basis("ordered", other)
        self.sell()
        self.invoice()
        self.make_order(self.partner_a, "2026-03-01 10:00:00", 70, company=other)
        for company in (self.company, other):
            self.assert_as_expected(company)
        self.assertEqual(
            [row["document_model"] for row in self.facts()], ["account.move"]
        )
        self.assertEqual([row["revenue"] for row in self.facts(other)], [70])

    def test_an_order_that_is_credited_in_full_comes_to_nothing(self):
        order = self.sell(self.line(price=10, quantity=5))
        self.refund(self.invoice_order(order))
        for _basis in self.both_bases():
            self.assertEqual(self.totals(), (0, 0, 0))
            self.assertEqual({row["kind"] for row in self.facts()}, {"sale", "refund"})
            self.assert_as_expected()

    def test_a_part_that_comes_back_is_taken_off(self):
        order = self.sell(self.line(price=10, quantity=5))
        self.refund(self.invoice_order(order), quantity=2)
        for _basis in self.both_bases():
            self.assertEqual(self.totals(), (30, 18, 0))

    def test_receipts_are_sales(self):
        self.invoice(move_type="out_receipt")
        self.assertEqual(self.totals(), (10, 6, 0))
        self.assertEqual(self.facts()[0]["kind"], "sale")

    def test_sections_and_notes_are_no_lines_of_sale(self):
        texts = [
            Command.create({"display_type": kind, "name": kind})
            for kind in ("line_section", "line_note")
        ]
        self.invoice_order(self.sell(*texts, self.line()))
        for _basis in self.both_bases():
            self.assertEqual(len(self.facts()), 1)

    def test_a_down_payment_is_counted_once(self):
        order = self.sell(self.line(price=100))
        self.pay_in_advance(order, 30)
        self.set_basis("invoiced")
        self.assertEqual(self.totals(), (30, 0, 0))
        move = order._create_invoices(final=True)
        move.action_post()
        for _basis in self.both_bases():
            self.assertEqual(self.totals(), (100, 6, 0))
            self.assert_as_expected()

    def test_a_down_payment_given_back_takes_nothing_from_the_order(self):
        order = self.sell(self.line(price=100))
        self.refund(self.pay_in_advance(order, 30))
        self.set_basis("ordered")
        self.assertEqual(self.totals(), (100, 6, 0))
        self.set_basis("invoiced")
        self.assertEqual(self.totals(), (0, 0, 0))

    def test_a_gift_costs_and_brings_nothing(self):
        self.invoice_order(
            self.sell(self.line(price=0), self.line(price=50, discount=100))
        )
        for _basis in self.both_bases():
            self.assertEqual(self.totals(), (0, 12, 50))

    def test_a_discount_is_told_net_of_included_tax(self):
        tax = self.env["account.tax"].create(
            {"name": "In it", "amount": 25, "price_include_override": "tax_included"}
        )
        line = {"price": 125, "discount": 20, "tax_ids": [Command.set(tax.ids)]}
        self.invoice_order(self.sell(self.line(**line)))
        for _basis in self.both_bases():
            revenue, _cost, discount = self.totals()
            self.assertEqual((revenue, discount), (80, 20))

    def test_a_dozen_is_twelve(self):
        self.invoice_order(
            self.sell(
                self.line(price=100, quantity=2, product_uom_id=self.uom_dozen.id)
            )
        )
        for _basis in self.both_bases():
            self.assertAlmostEqual(self.facts()[0]["quantity"], 24)
            self.assertEqual(self.totals(), (200, 144, 0))

    def test_a_line_without_a_product_has_no_cost(self):
        self.invoice(
            Command.create({"name": "Advice", "price_unit": 80, "tax_ids": []})
        )
        self.assertEqual(self.totals(), (80, 0, 0))
        self.assertIsNone(self.facts()[0]["product_id"])

    def test_an_archived_product_was_sold_all_the_same(self):
        self.invoice_order(self.sell())
        self.bolt.active = False
        for _basis in self.both_bases():
            self.assertEqual(self.totals(), (10, 6, 0))

    def test_what_a_contact_buys_counts_for_its_company(self):
        self.invoice_order(self.sell(partner=self.contact))
        for _basis in self.both_bases():
            row = self.facts()[0]
            self.assertEqual(row["partner_id"], self.partner_a.id)
            self.assertEqual(row["contact_id"], self.contact.id)

    def test_drafts_and_cancelled_documents_do_not_count(self):
        order = self.sell()
        order.copy()
        self.invoice_order(order).button_draft()
        order._action_cancel()
        for _basis in self.both_bases():
            self.assertEqual(self.facts(), [])

    def test_a_negative_line_takes_off(self):
        order = self.sell(self.line(price=100), self.line(price=-15))
        self.invoice_order(order)
        for _basis in self.both_bases():
            self.assertEqual(self.totals()[0], 85)
            self.assert_as_expected()

    # --- cost ---

    def test_a_later_cost_does_not_move_the_margin_of_what_was_ordered(self):
        self.refund(self.invoice_order(self.sell(self.line(quantity=3))), quantity=1)
        self.bolt.standard_price = 9.9
        for _basis in self.both_bases():
            self.assertEqual(self.totals(), (20, 12, 0))

    def test_without_an_order_the_cost_is_that_of_today(self):
        self.invoice()
        self.bolt.standard_price = 9
        self.assertEqual(self.totals(), (10, 9, 0))

    def test_an_order_line_without_a_frozen_cost_takes_that_of_today(self):
        order = self.sell(self.line(quantity=2, product_uom_id=self.uom_dozen.id))
        self.invoice_order(order)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE sale_order_line SET purchase_price = NULL WHERE order_id = %s",
                order.id,
            )
        )
        self.bolt.standard_price = 5
        for _basis in self.both_bases():
            self.assertEqual(self.totals()[1], 120)

    def test_a_cost_in_another_currency_is_frozen_at_the_rate_of_the_order(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Gold", "currency_id": self.gold.id}
        )
        order = self.sell(self.line(price=50), pricelist_id=pricelist.id)
        self.invoice_order(order)
        for _basis in self.both_bases():
            self.assertEqual(self.totals(), (10, 6, 0))


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestTransactionReport(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.facts_model = cls.env["crm.relationship.transaction"]

    def test_the_report_adds_up_and_knows_the_relationship(self):
        self.invoice_order(self.sell(self.line(price=100, quantity=2)))
        self.invoice(partner=self.partner_b)
        rows = self.facts_model.formatted_read_group(
            [("company_id", "=", self.company.id)],
            ["partner_id"],
            ["revenue:sum", "cost:sum", "margin:sum", "__count"],
        )
        sums = {row["partner_id"][0]: row for row in rows}
        own = sums[self.partner_a.id]
        self.assertEqual(
            (own["revenue:sum"], own["cost:sum"], own["margin:sum"]), (200, 12, 188)
        )
        fact = self.facts_model.search([("partner_id", "=", self.partner_a.id)])
        self.assertEqual(fact.relationship_id, self.relationship_of(self.partner_a))
        self.assertEqual(fact.segment_id, fact.relationship_id.segment_id)

    def test_ids_are_unique_and_the_same_whoever_filters(self):
        for _number in range(3):
            self.invoice(*(self.line(is_order=False) for _line in range(3)))
            self.invoice(partner=self.partner_b)
        facts = self.facts_model.search([("company_id", "=", self.company.id)])
        self.assertEqual(len(set(facts.ids)), 12)
        some = self.facts_model.search([("partner_id", "=", self.partner_a.id)])
        self.assertLess(set(some.ids), set(facts.ids))
        before = {fact.id: (fact.document_id, fact.revenue) for fact in facts}
        self.invoice(partner=self.partner_b, day=TODAY)
        self.env.invalidate_all()
        for number, (document_id, revenue) in before.items():
            fact = self.facts_model.browse(number)
            self.assertEqual((fact.document_id, fact.revenue), (document_id, revenue))

    def test_the_list_reads_pages_that_do_not_overlap(self):
        self.invoice(*(self.line(is_order=False) for _line in range(7)))
        pages = [
            self.facts_model.web_search_read(
                [("company_id", "=", self.company.id)],
                {"date": {}, "document_id": {}, "revenue": {}, "margin": {}},
                offset=offset,
                limit=3,
            )["records"]
            for offset in (0, 3, 6)
        ]
        ids = [row["id"] for page in pages for row in page]
        self.assertEqual(len(ids), 7)
        self.assertEqual(len(set(ids)), 7)

    def test_a_filter_by_customer_reaches_the_indexes_of_the_documents(self):
        self.env.cr.execute(SQL("SET LOCAL enable_seqscan = off"))
        query = self.facts_model._search([("partner_id", "=", self.partner_a.id)])
        self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
        plan = "\n".join(row for (row,) in self.env.cr.fetchall())
        for table in (
            "sale_order_line",
            "sale_order",
            "account_move_line",
            "account_move",
        ):
            self.assertNotIn(f"Seq Scan on {table} ", plan)
            self.assertIn(f"on {table} ", plan)
        self.assertIn("Index Cond: (commercial_partner_id =", plan)
