import random
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from ..analytics import interval, reorder
from ..queries import rhythms
from .rhythms import TODAY, RhythmCase
from .transactions import TransactionCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestRhythms(RhythmCase):
    def test_the_columns_are_those_promised(self):
        names, _rows = self.fetch(rhythms.rhythms(self.env, TODAY))
        self.assertEqual(tuple(names), rhythms.RHYTHM_COLUMNS)

    def test_a_rhythm_with_all_that_follows_from_it(self):
        self.buy_on("2025-12-05", "2026-01-04")
        self.sell("2026-02-04", self.line(self.axe, 7), self.line(self.axe, 2))
        found = self.rhythms_of()
        self.assertEqual((found.product_id, found.company_id), (self.axe, self.company))
        self.assertEqual(found.product_categ_id, self.axe.categ_id)
        self.assertEqual(found.display_name, f"{self.firm.name}: Axe")
        self.assertEqual(found.relationship_id, self.relationship_of(self.firm))
        self.assertEqual(found.purchase_day_count, 3)
        self.assertEqual(found.first_purchase_date, date(2025, 12, 5))
        self.assertEqual(found.last_purchase_date, date(2026, 2, 4))
        self.assertEqual(found.last_quantity, 9)
        self.assertEqual((found.interval_days, found.interval_spread_days), (30.5, 0.5))
        self.assertEqual(found.next_purchase_date, date(2026, 3, 7))
        self.assertEqual((found.state, found.overdue_days), ("due", 9))
        self.assertAlmostEqual(found.overdue_ratio, 40 / 30.5)
        self.assertFalse(found.reason)

    def test_the_state_follows_the_days(self):
        self.buy_on("2026-01-05", "2026-01-15", "2026-01-25")
        for day, state, overdue in (
            ("2026-01-25", "in_rhythm", 0),
            ("2026-02-03", "in_rhythm", 0),
            ("2026-02-04", "due", 0),
            ("2026-02-05", "due", 1),
            ("2026-02-24", "due", 20),
            ("2026-02-25", "stopped", 21),
        ):
            with self.subTest(day), freeze_time(f"{day} 10:00:00"):
                self.env.invalidate_all()
                found = self.rhythms_of()
                self.assertEqual((found.state, found.overdue_days), (state, overdue))

    def test_why_there_is_no_rhythm(self):
        self.buy_on("2026-01-05")
        self.buy_on("2026-01-05", "2026-01-06", product=self.bow)
        once, twice = self.rhythms_of().sorted("product_id")
        for found in (once, twice):
            self.assertEqual(found.state, "unknown")
            self.assertFalse(found.interval_days or found.overdue_ratio)
            self.assertFalse(found.next_purchase_date)
        self.assertEqual(once.reason, "Only one day of purchase: a rhythm needs 3.")
        self.assertEqual(twice.reason, "Only 2 days of purchase: a rhythm needs 3.")

    def test_what_is_not_known_is_null_and_not_0(self):
        self.buy_on("2026-01-05", "2026-01-06")
        names, ((*values,),) = self.fetch(rhythms.rhythms(self.env, TODAY))
        row = dict(zip(names, values, strict=True))
        for name in rhythms.RHYTHM_COLUMNS[7:12]:
            self.assertIsNone(row[name], name)

    def test_the_latest_come_first_and_those_without_a_rhythm_last(self):
        self.buy_on("2026-01-05", product=self.axe)
        for product, days in ((self.bow, 10), (self.cap, 2), (self.egg, 30)):
            last = date(2026, 3, 1)
            steps = (last - timedelta(days=days * back) for back in range(3))
            self.buy_on(*steps, product=product)
        self.assertEqual(
            self.rhythms_of().mapped("product_id.name"), ["Cap", "Bow", "Egg", "Axe"]
        )

    def test_random_orders_equal_the_pure_function(self):
        for seed in (1, 2):
            firms = self.make_customers(4, f"Firm {seed}")
            bought = self.make_random_orders(random.Random(seed), firms)
            found = {
                (row.partner_id, row.product_id): row
                for firm in firms
                for row in self.rhythms_of(firm)
            }
            self.assertEqual(set(found), set(bought))
            self.check_pure([found[pair] for pair in bought], list(bought.values()))

    def check_pure(self, rows, bought):
        """Rows as analytics/interval.py has them, which knows each pair as a customer."""
        visits = [
            (number, day.toordinal())
            for number, days in enumerate(bought)
            for day in days
        ]
        pure = interval.purchase_intervals(
            *zip(*visits, strict=True), today=TODAY.toordinal()
        )
        columns = (
            pure.purchase_day_count,
            pure.first_day,
            pure.last_day,
            pure.interval_days,
            pure.spread_days,
            pure.next_day,
            pure.overdue_ratio,
        )
        expected = zip(*(column.tolist() for column in columns), strict=True)
        for row, values, days in zip(rows, expected, bought, strict=True):
            with self.subTest(f"{row.partner_id.name} {row.product_id.name}"):
                count, first, last, gap, spread, following, late = values
                self.assertEqual(row.purchase_day_count, count)
                self.assertEqual(row.first_purchase_date.toordinal(), first)
                self.assertEqual(row.last_purchase_date.toordinal(), last)
                self.assertEqual(row.last_quantity, days[row.last_purchase_date])
                self.assertAlmostEqual(row.interval_days, gap or 0)
                self.assertAlmostEqual(row.interval_spread_days, spread or 0)
                expected_date = following and date.fromordinal(following)
                self.assertEqual(row.next_purchase_date or None, expected_date)
                self.assertAlmostEqual(row.overdue_ratio, late or 0)
                self.assertEqual(bool(row.reason), count < 3)

    def test_every_reorder_that_is_suggested_is_due_here_and_the_other_way_round(self):
        firms = self.make_customers(6, "Regular")
        self.make_random_orders(random.Random(3), firms[:2])
        self.make_regular_orders(random.Random(4), firms[2:])
        for number, day in enumerate(("2025-01-01", "2025-01-11", "2025-01-21")):
            for firm in firms[2 : 5 - number]:
                self.sell(day, self.line(self.flag), partner=firm)
        self.bow.active = False
        self.drum.sale_ok = False
        self.company.relationship_suggestion_count = 10
        self.suggest()
        suggested = {
            (firm, item.product_id): (
                item.interval_days,
                item.last_date,
                item.expected_date,
                item.quantity,
            )
            for firm in firms
            for item in self.suggestions_of(firm, kind="reorder")
        }
        due = self.env["crm.relationship.rhythm"].search(
            [
                ("partner_id", "in", firms.ids),
                ("state", "=", "due"),
                ("is_sold", "=", True),
            ]
        )
        self.assertEqual(
            suggested,
            {
                (row.partner_id, row.product_id): (
                    int(row.interval_days + 0.5),
                    row.last_purchase_date,
                    row.next_purchase_date,
                    row.last_quantity or 1,
                )
                for row in due
            },
        )
        self.assertGreater(len(suggested), 3)
        self.assertIn(0, due.mapped("last_quantity"))
        states = {row.state for firm in firms for row in self.rhythms_of(firm)}
        self.assertEqual(states, {"due", "in_rhythm", "stopped", "unknown"})

    def test_both_rules_have_the_same_limits(self):
        self.assertEqual(reorder.MINIMUM_DAYS, interval.SMALLEST_DAY_COUNT)

    # --- bad input ---

    def test_orders_of_the_future_and_what_is_given_back_are_no_purchases(self):
        self.buy_on("2026-02-05", "2026-03-17", "2026-04-01", "2027-01-01")
        self.sell("2026-03-05", self.line(self.axe, -3))
        self.sell("2026-03-06", self.line(self.axe, 0))
        found = self.rhythms_of()
        self.assertEqual(found.purchase_day_count, 1)
        self.assertEqual(found.last_purchase_date, date(2026, 2, 5))

    def test_all_purchases_on_one_day_are_one(self):
        self.buy_on(*["2026-02-03"] * 5)
        found = self.rhythms_of()
        self.assertEqual((found.purchase_day_count, found.state), (1, "unknown"))
        self.assertEqual(found.last_quantity, 5)

    def test_one_purchase_on_a_thousand_lines_is_one(self):
        self.sell("2026-02-03", *[self.line(self.axe)] * 1000)
        found = self.rhythms_of()
        self.assertEqual((found.purchase_day_count, found.last_quantity), (1, 1000))

    def test_an_archived_product_keeps_its_rhythm_and_is_marked(self):
        self.buy_on("2026-01-04", "2026-02-03", "2026-03-05")
        self.assertTrue(self.rhythms_of().is_sold)
        self.axe.active = False
        self.env.invalidate_all()
        self.assertFalse(self.rhythms_of().is_sold)
        self.assertEqual(self.rhythms_of().interval_days, 30)

    def test_a_product_without_a_category_is_there(self):
        self.axe.categ_id = False
        self.buy_on("2026-01-04")
        self.assertFalse(self.rhythms_of().product_categ_id)

    def test_a_contact_buys_for_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.firm.id}
        )
        self.buy_on("2026-01-04", "2026-02-03")
        self.sell("2026-03-05", self.line(self.axe), partner=contact)
        self.assertEqual(self.rhythms_of().interval_days, 30)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestRhythmsOfInvoices(TransactionCase):
    def test_credit_notes_and_lines_without_a_product_are_no_purchases(self):
        self.set_basis("invoiced")
        free = Command.create({"name": "Advice", "price_unit": 80, "tax_ids": []})
        for day in ("2026-01-04", "2026-02-03"):
            self.invoice(self.line(is_order=False), free, day=day)
        self.refund(self.invoice(day="2026-03-05"), day="2026-03-10")
        found = self.env["crm.relationship.rhythm"].search(
            [("partner_id", "=", self.partner_a.id)]
        )
        self.assertEqual((found.product_id, found.interval_days), (self.bolt, 30))
        self.assertEqual(found.last_purchase_date, date(2026, 3, 5))
