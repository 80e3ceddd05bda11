"""Association rules against a naive reference, and what holds for every set of baskets."""

import logging
from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np

from odoo.tests import BaseCase, tagged

from ..analytics import affinity, significance
from ..analytics.affinity import NONE, Limits

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None
    logging.getLogger(__name__).warning(
        "hypothesis is not installed: the properties of the rules are not tested"
    )


def flatten(baskets):
    """(basket ids, item ids) of sets of items."""
    pairs = [(key, item) for key, items in enumerate(baskets) for item in items]
    return [key for key, _item in pairs], [item for _key, item in pairs]


def naive_rules(baskets, limits):
    """(antecedents, consequent) -> (together, antecedents, consequent, baskets), counted one by one."""
    baskets = [items for items in baskets if items and len(items) <= limits.width]

    def count(*items):
        return sum(set(items) <= basket for basket in baskets)

    found = {}
    items = sorted({item for basket in baskets for item in basket})
    for size in (2, 3):
        for itemset in combinations(items, size):
            together = count(*itemset)
            enough = max(limits.count, 1, limits.support_ratio * len(baskets))
            if together < enough:
                continue
            for consequent in itemset:
                causes = tuple(item for item in itemset if item != consequent)
                if together >= limits.confidence_ratio * count(*causes):
                    numbers = (count(*causes), count(consequent), len(baskets))
                    found[causes, consequent] = (together, *numbers)
    return found


def as_dict(rules):
    """The same shape of the rules that were mined."""
    return {
        (tuple(item for item in causes if item != NONE), effect): tuple(numbers)
        for causes, effect, *numbers in zip(
            rules.antecedents.tolist(),
            rules.consequents.tolist(),
            rules.counts.tolist(),
            rules.antecedent_counts.tolist(),
            rules.consequent_counts.tolist(),
            rules.basket_counts.tolist(),
            strict=True,
        )
    }


def naive_suggestions(owned, rules, n, excluded=()):
    """(customer, item, rule) in order, customer after customer, rule after rule."""
    for customer in sorted(owned):
        items, given_ = owned[customer], []
        for number in range(len(rules)):
            causes = set(rules.antecedents[number].tolist()) - {NONE}
            effect = int(rules.consequents[number])
            taken = (
                effect in items or effect in given_ or (customer, effect) in excluded
            )
            if causes <= items and not taken and len(given_) < n:
                given_.append(effect)
                yield customer, effect, number


def exact_chance(population, marked, drawn, seen):
    """The tail of the hypergeometric distribution in exact fractions."""
    if seen * population <= marked * drawn:
        return 1.0
    ways = sum(
        comb(marked, x) * comb(population - marked, drawn - x)
        for x in range(seen, min(marked, drawn) + 1)
    )
    return float(Fraction(ways, comb(population, drawn)))


@tagged("post_install", "-at_install")
class TestAffinity(BaseCase):
    def test_nothing_gives_nothing(self):
        rules = affinity.mine([], [])
        self.assertEqual(len(rules), 0)
        found = affinity.top_suggestions(([1], [2]), rules, 3)
        self.assertEqual([len(values) for values in found], [0, 0, 0])
        rules = affinity.mine([1, 1, 2, 2], [5, 6, 5, 6], Limits(count=2))
        self.assertEqual(len(affinity.top_suggestions(([], []), rules, 3).items), 0)

    def test_negative_ids_and_uneven_arrays_are_told(self):
        with self.assertRaisesRegex(ValueError, "-5"):
            affinity.mine([1], [-5])
        with self.assertRaisesRegex(ValueError, "2 owners do not fit 1 items"):
            affinity.mine([1, 2], [5])

    def test_a_purchase_of_a_thousand_products_says_nothing_and_costs_little(self):
        baskets = [{1, 2}] * 30 + [{3, 4}] * 30 + [set(range(1, 1001))] * 20
        rules = affinity.mine(*flatten(baskets), Limits(confidence_ratio=0.5))
        self.assertEqual(
            set(as_dict(rules)), {((1,), 2), ((2,), 1), ((3,), 4), ((4,), 3)}
        )
        self.assertEqual(set(rules.basket_counts.tolist()), {60})
        found = affinity.top_suggestions(
            ([9] * 1000, range(3, 1003)), rules, 5
        )  # who bought them is a customer all the same
        self.assertEqual(len(found.items), 0)

    def test_what_chance_makes_is_no_rule(self):
        random = np.random.default_rng(7)
        baskets = [set(np.flatnonzero(random.random(12) < 0.3)) for _ in range(400)]
        unguarded = affinity.mine(*flatten(baskets), Limits(count=5))
        guarded = affinity.mine(
            *flatten(baskets), Limits(count=5, false_discovery_ratio=0.05)
        )
        self.assertGreater(len(unguarded), 300)
        self.assertLess(len(guarded), 5)

    def test_what_belongs_together_passes_the_guard(self):
        random = np.random.default_rng(7)
        baskets = [set(np.flatnonzero(random.random(12) < 0.2)) for _ in range(400)]
        for basket in baskets:
            if {1, 2} <= basket:
                basket.add(3)
            if 5 in basket:
                basket.add(6)
        rules = affinity.mine(
            *flatten(baskets),
            Limits(count=5, confidence_ratio=0.8, false_discovery_ratio=0.05),
        )
        self.assertEqual(set(as_dict(rules)), {((5,), 6), ((1, 2), 3)})

    def test_a_second_antecedent_must_add_something(self):
        """B says nothing about C beyond what A says, so "A and B" is no rule of its own."""
        random = np.random.default_rng(3)
        baskets = []
        for _ in range(600):
            basket = {item for item in (0, 1) if random.random() < 0.5}
            if random.random() < (0.8 if 0 in basket else 0.1):
                basket.add(2)
            baskets.append(basket)
        limits = Limits(confidence_ratio=0.6, false_discovery_ratio=0.05)
        rules = as_dict(affinity.mine(*flatten(baskets), limits))
        self.assertIn(((0,), 2), rules)
        self.assertNotIn(((0, 1), 2), rules)


if given:
    always = settings(max_examples=100, deadline=None, derandomize=True, database=None)
    some_baskets = st.lists(st.sets(st.integers(0, 7), max_size=6), max_size=25)
    some_limits = st.builds(
        Limits,
        count=st.integers(0, 4),
        support_ratio=st.sampled_from([0.0, 0.1, 0.25]),
        confidence_ratio=st.sampled_from([0.0, 0.4, 1.0]),
        width=st.sampled_from([3, 100]),
    )
    some_owned = st.dictionaries(
        st.integers(100, 110), st.sets(st.integers(0, 9), min_size=1), max_size=8
    )

    @tagged("post_install", "-at_install")
    class TestAffinityProperties(BaseCase):
        @given(some_baskets, some_limits)
        @always
        def test_rules_are_those_of_the_naive_reference(self, baskets, limits):
            rules = affinity.mine(*flatten(baskets), limits)
            self.assertEqual(as_dict(rules), naive_rules(baskets, limits))
            self.assertEqual(len(as_dict(rules)), len(rules))

        @given(some_baskets, some_limits)
        @always
        def test_ratios_are_ratios_and_the_best_come_first(self, baskets, limits):
            rules = affinity.mine(*flatten(baskets), limits)
            for ratio in (rules.support_ratio, rules.confidence_ratio, rules.p_values):
                self.assertTrue(((ratio >= 0) & (ratio <= 1)).all())
            self.assertTrue((rules.lift > 0).all())
            self.assertTrue((np.diff(rules.confidence_ratio) <= 0).all())

        @given(st.data(), some_baskets)
        @always
        def test_the_order_of_the_lines_does_not_matter(self, data, baskets):
            owners, items = flatten(baskets)
            order = data.draw(st.permutations(range(len(owners))))
            shuffled = ([owners[i] for i in order], [items[i] for i in order])
            limits = Limits(count=2)
            one, two = (
                affinity.mine(owners, items, limits),
                affinity.mine(shuffled[0] * 2, shuffled[1] * 2, limits),
            )
            for name in ("antecedents", "consequents", "counts", "p_values"):
                self.assertTrue(
                    np.array_equal(getattr(one, name), getattr(two, name)), name
                )

        @given(some_baskets, st.integers(1, 1000))
        @always
        def test_the_names_of_the_items_do_not_matter(self, baskets, factor):
            limits = Limits(count=2)
            renamed = [{item * factor for item in basket} for basket in baskets]
            one = as_dict(affinity.mine(*flatten(baskets), limits))
            two = as_dict(affinity.mine(*flatten(renamed), limits))
            expected = {
                (tuple(item * factor for item in causes), effect * factor): numbers
                for (causes, effect), numbers in one.items()
            }
            self.assertEqual(two, expected)

        @given(some_baskets, st.sampled_from([0.01, 0.05, 0.2]))
        @always
        def test_the_guard_only_takes_away(self, baskets, ratio):
            every = as_dict(affinity.mine(*flatten(baskets), Limits(count=1)))
            limits = Limits(count=1, false_discovery_ratio=ratio)
            guarded = affinity.mine(*flatten(baskets), limits)
            self.assertLessEqual(as_dict(guarded).items(), every.items())
            self.assertTrue((guarded.p_values <= ratio).all())
            self.assertTrue((guarded.lift > 1).all())

        @given(some_baskets, some_owned, st.integers(0, 4))
        @always
        def test_suggestions_are_those_of_the_naive_reference(self, baskets, owned, n):
            rules = affinity.mine(*flatten(baskets), Limits(count=1))
            pairs = [(key, item) for key, items in owned.items() for item in items]
            excluded = {(key, (key + 3) % 8) for key in owned}
            found = affinity.top_suggestions(
                tuple(zip(*pairs, strict=True)) or ([], []),
                rules,
                n,
                tuple(zip(*excluded, strict=True)) or ([], []),
            )
            expected = list(naive_suggestions(owned, rules, n, excluded))
            self.assertEqual(
                list(zip(*(values.tolist() for values in found), strict=True)), expected
            )

        @given(some_baskets, some_baskets)
        @always
        def test_merged_rules_keep_their_source(self, one, two):
            first = affinity.mine(*flatten(one), Limits(count=1), source=1)
            second = affinity.mine(*flatten(two), Limits(count=1), source=2)
            merged = affinity.merge(first, second)
            for number, rules in enumerate((first, second), start=1):
                part = merged.take(merged.sources == number)
                self.assertEqual(as_dict(part), as_dict(rules))

        @given(st.integers(1, 60), st.data())
        @always
        def test_chance_is_the_exact_tail(self, population, data):
            marked = data.draw(st.integers(0, population))
            drawn = data.draw(st.integers(0, population))
            low, high = max(0, marked + drawn - population), min(marked, drawn)
            seen = data.draw(st.integers(low, high))
            numbers = (population, marked, drawn, seen)
            found = significance.chance(*(np.array([number]) for number in numbers))
            self.assertAlmostEqual(found[0], exact_chance(*numbers), 10)

        @given(st.lists(st.floats(0, 1)), st.floats(0.001, 0.5))
        @always
        def test_discoveries_are_the_smallest_probabilities(self, values, ratio):
            p_values = np.array(values, dtype=np.float64)
            found = significance.is_discovery(p_values, ratio)
            worst = max(p_values[found], default=0)
            self.assertTrue((p_values[~found] > worst).all() or not found.any())
            self.assertLessEqual(worst, ratio)
            more = significance.is_discovery(p_values, ratio, tested=len(values) * 3)
            self.assertTrue((found | ~more).all())
