"""What is bought in a rhythm is suggested when it is due again."""

import random
from datetime import date, timedelta
from statistics import median

from freezegun import freeze_time

from odoo.tests import tagged

from .suggestions import TODAY, SuggestionCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestReorders(SuggestionCase):
    def setUp(self):
        super().setUp()
        self.firm = self.make_customers(1)

    def buy_on(self, *days, product=None, quantity=1.0):
        for day in days:
            self.buy(self.firm, day, product or self.axe, quantity=quantity)

    def test_what_is_bought_in_a_rhythm_is_due_again(self):
        self.buy_on("2025-12-05", "2026-01-04", quantity=4)
        self.buy_on("2026-02-03", quantity=7)
        self.suggest()
        found = self.suggestions_of(self.firm)
        self.assertEqual((found.kind, found.product_id), ("reorder", self.axe))
        self.assertEqual((found.interval_days, found.quantity), (30, 7))
        self.assertEqual(found.expected_date, date(2026, 3, 5))
        reason = "Buys this every 30 days, the last time 41 days ago."
        self.assertEqual(found.reason, reason)
        self.assertFalse(any(self.suggest()))

    def test_two_purchases_are_no_rhythm(self):
        self.buy_on("2026-01-04", "2026-02-03", "2026-02-03")
        self.suggest()
        self.assertFalse(self.suggestions_of(self.firm))

    def test_all_on_one_day_is_no_rhythm(self):
        self.buy_on(*["2026-02-03"] * 4)
        self.suggest()
        self.assertFalse(self.suggestions_of(self.firm))

    def test_not_yet_due_and_long_since_stopped(self):
        self.buy_on("2026-01-04", "2026-02-03", "2026-03-05")
        self.buy_on("2025-01-01", "2025-01-31", "2025-03-02", product=self.bow)
        self.suggest()
        self.assertFalse(self.suggestions_of(self.firm))

    def test_at_most_as_many_as_the_company_wants(self):
        for product in self.products[:5]:
            self.buy_on("2025-12-05", "2026-01-04", "2026-02-03", product=product)
        self.buy_on("2025-11-05", product=self.egg)
        self.company.relationship_suggestion_count = 2
        self.suggest()
        found = self.suggestions_of(self.firm, kind="reorder")
        self.assertEqual(found.product_id, self.egg + self.axe)

    def test_the_same_as_a_naive_reference(self):
        shuffle = random.Random(11)
        days = {product: set() for product in self.products}
        for _turn in range(45):
            product = shuffle.choice(list(self.products))
            day = TODAY - timedelta(days=shuffle.randint(1, 200))
            self.buy_on(day, product=product)
            days[product].add(day)
        expected = {}
        for product, bought in days.items():
            ordered = sorted(bought)
            gaps = [(b - a).days for a, b in zip(ordered, ordered[1:], strict=False)]
            interval = len(gaps) >= 2 and int(median(gaps) + 0.5)
            waited = (TODAY - ordered[-1]).days
            if interval and interval <= waited <= 3 * interval:
                expected[product] = (interval, ordered[-1])
        self.company.relationship_suggestion_count = 10
        self.suggest()
        found = self.suggestions_of(self.firm, kind="reorder")
        self.assertEqual(
            {item.product_id: (item.interval_days, item.last_date) for item in found},
            expected,
        )
        self.assertTrue(expected)
