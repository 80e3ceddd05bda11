"""What was sold and what came back are rows of the transaction contract, as in plain Python."""

import random
from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ..queries.intervals import purchase_days
from ..queries.sources import TRANSACTION_COLUMNS
from .transactions import CONTRACT, TODAY, TransactionCase


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

    def test_a_down_payment_is_no_purchase_of_its_own(self):
        self.set_basis("invoiced")
        order = self.sell(self.line(price=100), day=TODAY - timedelta(days=50))
        paid_on, sold_on = (TODAY - timedelta(days=days) for days in (40, 10))
        self.pay_in_advance(order, 30, day=paid_on)
        self.refresh(self.partner_a)
        relationship = self.relationship_of(self.partner_a)
        self.assertEqual(relationship.revenue_12m_amount, 30)
        self.assertEqual(relationship.order_count_12m, 0)
        self.assertFalse(relationship.last_order_date)
        move = order._create_invoices(final=True)
        move.invoice_date = sold_on
        move.action_post()
        self.assertEqual(
            sorted((row["kind"], row["revenue"]) for row in self.facts()),
            [("down_payment", -30), ("down_payment", 30), ("sale", 100)],
        )
        self.refresh(self.partner_a)
        self.assertEqual(relationship.revenue_12m_amount, 100)
        self.assertEqual(relationship.order_count_12m, 1)
        self.assertEqual(relationship.first_order_date, sold_on)
        days = purchase_days(self.env, self.company.id, TODAY)
        self.assertEqual(self.fetch(days)[1], [(self.partner_a.id, sold_on, 100)])

    def test_a_down_payment_and_what_remains_are_two_entries_of_the_timeline(self):
        self.set_basis("invoiced")
        order = self.sell(self.line(price=100), day=TODAY - timedelta(days=50))
        self.pay_in_advance(order, 30, day=TODAY - timedelta(days=40))
        order._create_invoices(final=True).action_post()
        self.refresh(self.partner_a)
        relationship = self.relationship_of(self.partner_a).sudo(False)
        entries = relationship.get_timeline(["transaction"])["entries"]
        amounts = [self.company.currency_id.format(amount) for amount in (70, 30)]
        self.assertEqual(
            [(entry["title"], entry["value"]) for entry in entries],
            list(zip(["Sale", "Down payment"], amounts, strict=True)),
        )

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

    def test_a_gift_is_told_net_of_included_tax_too(self):
        taxes = self.env["account.tax"].create(
            [
                {"name": "In", "amount": 20, "price_include_override": "tax_included"},
                {"name": "On", "amount": 9, "price_include_override": "tax_excluded"},
                {"name": "Owner's", "amount": 5, "price_include_override": False},
            ]
        )
        group = self.env["account.tax"].create(
            {
                "name": "All of them",
                "amount_type": "group",
                "children_tax_ids": [Command.set(taxes.ids)],
            }
        )
        self.company.sudo().account_price_include = "tax_included"
        for number, used in enumerate((taxes, group), start=1):
            line = {"price": 125, "discount": 100, "tax_ids": [Command.set(used.ids)]}
            move = self.invoice_order(self.sell(self.line(**line)))
            for _basis in self.both_bases():
                revenue, _cost, discount = self.totals()
                self.assertEqual((revenue, discount), (0, 100 * number))
        self.refund(move)
        for _basis in self.both_bases():
            self.assertEqual(self.totals()[2], 100)

    def test_a_discount_beyond_the_price_is_told_as_given(self):
        self.invoice(
            self.line(price=50, discount=150, is_order=False),
            self.line(price=90, is_order=False),
        )
        self.set_basis("invoiced")
        self.assertEqual(self.totals(), (65, 12, 75))

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
