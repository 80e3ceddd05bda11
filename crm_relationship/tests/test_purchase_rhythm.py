"""The rhythm in which customers buy, and how many of a quarter's new ones come back."""

import random
from collections import defaultdict
from datetime import date, timedelta
from statistics import mean, median

import numpy as np
from freezegun import freeze_time

from odoo.tests import tagged

from ..analytics import interval
from ..queries import cohorts, intervals
from .common import RelationshipCase

TODAY = date(2026, 3, 16)

WINDOW_START = date(2025, 3, 16)


def quarter_of(day):
    return day.year * 4 + (day.month - 1) // 3


class PurchaseCase(RelationshipCase):
    """Random purchases with everything that is none among them."""

    def setUp(self):
        super().setUp()
        self.purchases = defaultdict(lambda: defaultdict(float))

    def buy(self, partner, day, price, quantity=1):
        order = self.make_order(partner, f"{day} 23:30:00", price)
        order.order_line.write({"product_uom_qty": quantity, "price_unit": price})
        return order

    def make_random_purchases(self, dice, partners):
        for _number in range(50):
            partner = dice.choice(partners)
            day = TODAY - timedelta(days=dice.choice([0, 1, 30, dice.randrange(900)]))
            price = dice.choice([0, 12.5, 99])
            self.buy(partner, day, price)
            self.purchases[partner.commercial_partner_id][day] += price
        for partner in partners[:4]:
            self.buy(partner, TODAY + timedelta(days=3), 50)
            self.buy(partner, TODAY - timedelta(days=7), 50, -1)
            self.buy(partner, TODAY - timedelta(days=8), 50).state = "draft"

    def make_partners(self, count):
        partners = [self.make_customer(f"Buyer {number}") for number in range(count)]
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": partners[0].id}
        )
        return [*partners, contact]

    def rows(self, query):
        names, rows = self.fetch(query)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def intervals(self, partners=None):
        query = intervals.intervals(
            self.env,
            self.company.id,
            TODAY,
            WINDOW_START,
            None if partners is None else [partner.id for partner in partners],
        )
        return {row["partner_id"]: row for row in self.rows(query)}


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestIntervals(PurchaseCase):
    def test_the_columns_are_those_promised(self):
        query = intervals.intervals(self.env, self.company.id, TODAY, WINDOW_START)
        names, rows = self.fetch(query)
        self.assertEqual((tuple(names), rows), (intervals.PURCHASE_COLUMNS, []))

    def test_random_purchases_equal_the_naive_reference(self):
        self.make_random_purchases(random.Random(4), self.make_partners(6))
        found = self.intervals()
        self.assertEqual(set(found), {partner.id for partner in self.purchases})
        for partner, days in self.purchases.items():
            with self.subTest(partner.name):
                self.check(found[partner.id], days)

    def check(self, row, days):
        own = sorted(days)
        self.assertEqual(row["purchase_day_count"], len(own))
        self.assertEqual((row["first_day"], row["last_day"]), (own[0], own[-1]))
        repeats = [days[day] for day in own[1:]]
        if repeats:
            self.assertAlmostEqual(row["repeat_amount_mean"], mean(repeats))
        else:
            self.assertIsNone(row["repeat_amount_mean"])
        gaps = [
            (after - before).days for before, after in zip(own, own[1:], strict=False)
        ]
        if len(own) < 3:
            for name in (
                intervals.PURCHASE_COLUMNS[4:6] + intervals.PURCHASE_COLUMNS[7:]
            ):
                self.assertIsNone(row[name], name)
            return
        low, high = np.percentile(gaps, [25, 75])
        self.assertAlmostEqual(row["purchase_interval_days"], median(gaps))
        self.assertAlmostEqual(row["interval_spread_days"], high - low)
        late = (TODAY - own[-1]).days
        self.assertAlmostEqual(row["overdue_ratio"], late / median(gaps))

    def test_the_query_agrees_with_the_pure_function(self):
        self.make_random_purchases(random.Random(5), self.make_partners(5))
        found = self.intervals()
        pairs = [
            (partner.id, day.toordinal())
            for partner, days in self.purchases.items()
            for day in days
        ]
        pure = interval.purchase_intervals(
            *zip(*pairs, strict=True), today=TODAY.toordinal()
        )
        for place, partner_id in enumerate(pure.customer.tolist()):
            row = found[partner_id]
            self.assertEqual(
                row["purchase_interval_days"], pure.interval_days.tolist()[place]
            )
            self.assertEqual(row["overdue_ratio"], pure.overdue_ratio.tolist()[place])
            next_day = row["next_order_date"] and row["next_order_date"].toordinal()
            self.assertEqual(next_day, pure.next_day.tolist()[place])

    def test_a_thousand_lines_of_a_day_are_one_purchase(self):
        partner = self.make_customer("Big")
        self.make_order(partner, "2026-01-05 09:00:00", *[1.0] * 200)
        self.make_order(partner, "2026-01-05 15:00:00", *[1.0] * 200)
        row = self.intervals()[partner.id]
        self.assertEqual(row["purchase_day_count"], 1)
        self.assertIsNone(row["repeat_amount_mean"])

    def test_only_the_partners_asked_for_are_read(self):
        partners = self.make_partners(2)
        for partner in partners:
            self.buy(partner, TODAY, 10)
        self.assertEqual(set(self.intervals(partners[:1])), {partners[0].id})
        self.assertEqual(self.intervals([]), {})


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestCohorts(PurchaseCase):
    def expected(self):
        """(cohort, quarters since) -> (customers of the cohort, those who bought)."""
        quarters = [
            {quarter_of(day) for day in days} for days in self.purchases.values()
        ]
        counts = {}
        for cohort in {min(own) for own in quarters}:
            members = [own for own in quarters if min(own) == cohort]
            for since in range(quarter_of(TODAY) - cohort + 1):
                active = sum(cohort + since in own for own in members)
                counts[cohort, since] = len(members), active
        return counts

    def cohorts(self):
        model = self.env["crm.relationship.cohort"].with_company(self.company)
        return model.with_context(allowed_company_ids=self.company.ids)

    def test_random_purchases_equal_the_naive_reference(self):
        self.make_random_purchases(random.Random(6), self.make_partners(8))
        self.refresh()
        self.env.flush_all()
        found = {
            (quarter_of(cohort), since): (size, active, round(ratio, 9))
            for cohort, since, size, active, ratio in self.cohorts()._read_group(
                [],
                ["cohort_date:day", "quarter_offset"],
                ["customer_count:sum", "active_count:sum", "retention_ratio:avg"],
            )
        }
        expected = {
            key: (size, active, round(active / size, 9))
            for key, (size, active) in self.expected().items()
        }
        self.assertEqual(found, expected)
        for (_cohort, since), (size, active, _ratio) in found.items():
            self.assertTrue(since or size == active)

    def test_the_retention_of_several_cohorts_is_that_of_their_customers(self):
        one, *three = (self.make_customer(f"Buyer {number}") for number in range(4))
        self.buy(one, date(2025, 2, 1), 10)
        self.buy(one, date(2025, 5, 1), 10)
        for partner in three:
            self.buy(partner, date(2025, 5, 1), 10)
        self.env.flush_all()
        found = dict(
            self.cohorts()._read_group([], ["quarter_offset"], ["retention_ratio:avg"])
        )
        self.assertEqual(found, {0: 1.0, 1: 0.25, 2: 0.0, 3: 0.0, 4: 0.0})
        complete = self.cohorts().search([("is_complete", "=", True)])
        self.assertEqual(max(complete.mapped("quarter_offset")), 3)
        self.assertEqual(len(set(self.cohorts().search([]).ids)), 9)

    def test_a_company_without_purchases_has_none(self):
        query = cohorts.retention(self.env, self.company.ids, TODAY)
        self.assertEqual(self.rows(query), [])
        self.assertFalse(self.cohorts().search([]))
