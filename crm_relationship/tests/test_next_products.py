"""What others buy too is suggested, with numbers that hold."""

import random
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from ..analytics.affinity import Limits
from ..models.analysis import crm_relationship_suggestion_refresh as refresh_module
from .suggestions import TODAY, SuggestionCase
from .test_affinity import naive_rules


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestNextProducts(SuggestionCase):
    def test_what_others_buy_too_is_suggested_with_its_numbers(self):
        self.tell_a_story()
        self.suggest()
        found = self.suggestions_of(self.lacking)
        self.assertEqual(found.product_id, self.cap)
        self.assertEqual((found.kind, found.state), ("next_product", "open"))
        self.assertEqual((found.date, found.company_id), (TODAY, self.company))
        self.assertAlmostEqual(found.support_ratio, 8 / 20)
        self.assertAlmostEqual(found.confidence_ratio, 8 / 9)
        self.assertAlmostEqual(found.lift, (8 / 9) / (8 / 20))
        product = found.antecedent_product_ids
        self.assertEqual(
            found.reason,
            f"8 of 9 customers that buy {product.name} also buy Cap: 2.2 times the usual share.",
        )

    def test_nobody_is_told_what_he_buys_already(self):
        self.tell_a_story()
        self.suggest()
        for firm in self.firms[:8]:
            self.assertFalse(self.suggestions_of(firm))

    def test_few_customers_are_no_rule(self):
        self.tell_a_story()
        self.company.relationship_suggestion_minimum_count = 9
        self.suggest()
        self.assertFalse(self.suggestions_of(self.lacking))
        self.company.relationship_suggestion_minimum_count = 8
        self.company.relationship_suggestion_confidence_ratio = 0.9
        self.suggest()
        self.assertFalse(self.suggestions_of(self.lacking))

    def test_what_was_bought_before_the_window_is_no_rule_but_is_known(self):
        self.tell_a_story()
        self.company.relationship_suggestion_window_months = 1
        self.suggest()
        self.assertFalse(self.suggestions_of(self.lacking))
        self.company.relationship_suggestion_window_months = 24
        self.buy(self.lacking, "2019-01-10", self.cap)
        self.suggest()
        self.assertFalse(self.suggestions_of(self.lacking))

    def test_what_cannot_be_sold_is_not_suggested(self):
        self.tell_a_story()
        for values in (
            {"active": False},
            {"sale_ok": False},
        ):
            with self.subTest(values):
                before = {name: self.cap[name] for name in values}
                self.cap.write(values)
                self.suggest()
                self.assertFalse(self.suggestions_of(self.lacking))
                self.cap.write(before)
        self.suggest()
        self.assertTrue(self.suggestions_of(self.lacking))

    def test_services_are_suggested_and_discounts_are_not(self):
        self.tell_a_story()
        self.cap.type = "service"
        self.suggest()
        self.assertTrue(self.suggestions_of(self.lacking, product_id=self.cap.id))
        self.company.sale_discount_product_id = self.cap
        self.suggest()
        self.assertFalse(self.suggestions_of(self.lacking, product_id=self.cap.id))

    def test_orders_of_the_future_and_of_other_companies_do_not_count(self):
        self.tell_a_story()
        other = self.make_company("Relationship Other")
        self.buy(self.lacking, "2026-03-17", self.cap)
        self.buy(self.lacking, "2026-03-01", self.cap, company=other)
        self.suggest()
        self.assertEqual(self.suggestions_of(self.lacking).product_id, self.cap)
        self.suggest(company=other)
        self.assertFalse(self.suggestions_of(self.lacking, other))

    def test_a_second_run_writes_nothing_and_the_partition_is_the_customers(self):
        self.tell_a_story()
        self.assertFalse(any(self.suggest(self.firms[0])))
        self.assertFalse(self.suggestions_of(self.lacking))
        self.assertEqual(self.suggest(self.lacking).inserted, 1)
        self.assertFalse(any(self.suggest()))
        with freeze_time("2026-03-17 10:00:00"):
            self.assertFalse(any(self.suggest()))

    def test_numbers_follow_and_what_nothing_speaks_for_goes(self):
        self.tell_a_story()
        self.suggest()
        found = self.suggestions_of(self.lacking)
        newcomer = self.make_customers(1, "New")
        self.buy(newcomer, "2026-03-01", self.axe, self.bow, self.cap)
        self.assertEqual(self.suggest().updated, 1)
        self.assertAlmostEqual(found.confidence_ratio, 9 / 10)
        self.company.relationship_suggestion_minimum_count = 50
        self.assertEqual(self.suggest().removed, 1)
        self.assertFalse(found.exists())

    def test_archived_customers_are_told_nothing(self):
        self.tell_a_story()
        self.lacking.active = False
        self.suggest()
        self.assertFalse(self.suggestions_of(self.lacking))

    def test_repeated_orders_of_one_customer_are_one_witness(self):
        firms = self.make_customers(12)
        for week in range(8):
            self.buy(firms[0], TODAY - timedelta(days=60 + week), self.egg, self.flag)
        for firm in firms[1:]:
            self.buy(firm, "2026-01-10", self.drum)
        self.buy(firms[1], "2026-01-11", self.egg)
        self.suggest()
        self.assertFalse(self.suggestions_of(firms[1]))

    def test_the_same_as_a_naive_reference(self):
        shuffle = random.Random(5)
        firms = self.make_customers(14)
        bought, orders = {firm: set() for firm in firms}, []
        for _turn in range(30):
            firm = shuffle.choice(list(firms))
            basket = shuffle.sample(list(self.products), shuffle.randint(1, 4))
            day = TODAY - timedelta(days=shuffle.randint(1, 600))
            self.buy(firm, day, *basket)
            bought[firm] |= {product.id for product in basket}
            orders.append({product.id for product in basket})
        limits = Limits(count=3, confidence_ratio=0.3)
        with patch.object(refresh_module, "FALSE_DISCOVERY_RATIO", None):
            self.suggest()
        rules = self.rank(bought, orders, limits)
        self.assertTrue(rules)
        for firm, items in bought.items():
            expected = {}
            for _rank, causes, effect, numbers in rules:
                if set(causes) <= items and effect not in items:
                    expected.setdefault(effect, (set(causes), *numbers))
            found = self.suggestions_of(firm, kind="next_product")
            self.assertEqual(
                {
                    item.product_id.id: (
                        set(item.antecedent_product_ids.ids),
                        item.together_count,
                        item.antecedent_count,
                    )
                    for item in found
                },
                dict(list(expected.items())[:3]),
            )

    def rank(self, bought, orders, limits):
        """The rules of customers and orders, counted one by one, the best first."""
        by_customer = naive_rules([set(items) for items in bought.values()], limits)
        by_order = naive_rules(orders, limits)
        witnesses = naive_rules(
            [set(items) for items in bought.values()], Limits(count=limits.count)
        )
        ranked = []
        for source, rules in enumerate((by_customer, by_order)):
            for (causes, effect), (together, before, after, total) in rules.items():
                if source and (causes, effect) not in witnesses:
                    continue
                confidence = together / before
                lift = confidence / (after / total)
                rank = (
                    -confidence,
                    -lift,
                    -together,
                    len(causes),
                    causes,
                    effect,
                    source,
                )
                ranked.append((rank, causes, effect, (together, before)))
        return sorted(ranked)

    def test_the_number_of_queries_does_not_grow(self):
        self.tell_a_story()
        self.suggest()
        counts = []
        for size in (2, 20):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.suggest(self.firms[:size])
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)
