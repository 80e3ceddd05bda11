"""RFM scores and purchase intervals: what holds for every input, and naive references."""

import logging
import math
from collections import defaultdict
from fractions import Fraction
from statistics import median

import numpy as np

from odoo.tests import BaseCase, tagged

from ..analytics import interval, rfm

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None
    logging.getLogger(__name__).warning(
        "hypothesis is not installed: the properties of RFM and intervals are not tested"
    )

if given:
    always = settings(max_examples=100, deadline=None, derandomize=True, database=None)
    # few values, so that many are equal
    numbers = st.lists(
        st.one_of(st.integers(-9, 9).map(float), st.just(math.nan)), max_size=40
    )
    purchases = st.lists(
        st.tuples(st.integers(1, 4), st.integers(0, 60)), min_size=1, max_size=60
    )

    def naive_scores(values):
        """The definition in fractions: the middle of the ranks of each value, borders towards the middle."""
        known = [value for value in values if not math.isnan(value)]
        scores = []
        for value in values:
            below = sum(other < value for other in known)
            equal = sum(other == value for other in known)
            share = Fraction(2 * below + equal, 2 * max(len(known), 1)) * 5
            score = math.ceil(share)
            if share == score and score < 3:
                score += 1
            scores.append(None if math.isnan(value) else score)
        return scores

    @tagged("post_install", "-at_install")
    class TestScores(BaseCase):
        @given(numbers)
        @always
        def test_scores_are_as_defined(self, values):
            found = rfm.quintile_scores(values).tolist()
            self.assertEqual(found, naive_scores(values))
            self.assertTrue({1, 2, 3, 4, 5, None}.issuperset(found))

        @given(numbers, st.randoms())
        @always
        def test_scores_depend_on_neither_order_nor_unit(self, values, dice):
            places = list(range(len(values)))
            dice.shuffle(places)
            scores = rfm.quintile_scores(values).tolist()
            shuffled = rfm.quintile_scores([values[place] for place in places])
            self.assertEqual(shuffled.tolist(), [scores[place] for place in places])
            curved = [math.exp(value / 3) for value in values]
            self.assertEqual(rfm.quintile_scores(curved).tolist(), scores)

        @given(numbers)
        @always
        def test_the_order_turned_round_turns_the_scores_round(self, values):
            turned = rfm.quintile_scores([-value for value in values]).tolist()
            scores = rfm.quintile_scores(values).tolist()
            self.assertEqual([s and 6 - s for s in scores], turned)

        @given(numbers)
        @always
        def test_more_never_scores_less(self, values):
            pairs = zip(values, rfm.quintile_scores(values).tolist(), strict=True)
            known = sorted(pair for pair in pairs if pair[1])
            self.assertEqual(known, sorted(known, key=lambda pair: (pair[1], pair[0])))

        @given(numbers, numbers, numbers)
        @always
        def test_who_never_ordered_has_no_score(self, days, frequency, money):
            size = min(map(len, (days, frequency, money)))
            found = rfm.rfm_scores(days[:size], frequency[:size], money[:size])
            for place in range(size):
                if math.isnan(days[place]):
                    for scores in (found.recency, found.frequency, found.monetary):
                        self.assertIsNone(scores.tolist()[place])
            self.assertEqual(
                found.recency.tolist(),
                naive_scores([-day for day in days[:size]]),
            )

    @tagged("post_install", "-at_install")
    class TestRhythm(BaseCase):
        @given(purchases, st.randoms())
        @always
        def test_intervals_are_those_of_a_plain_count(self, bought, dice):
            today = 50
            dice.shuffle(bought)
            found = interval.purchase_intervals(*zip(*bought, strict=True), today=today)
            days = defaultdict(set)
            for customer, day in bought:
                if day <= today:
                    days[customer].add(day)
            self.assertEqual(found.customer.tolist(), sorted(days))
            for place, customer in enumerate(sorted(days)):
                own = sorted(days[customer])
                self.assertEqual(found.purchase_day_count[place], len(own))
                self.assertEqual(found.first_day[place], own[0])
                self.assertEqual(found.last_day[place], own[-1])
                self.check_rhythm(found, place, own, today)

        def check_rhythm(self, found, place, own, today):
            names = ("interval_days", "spread_days", "next_day", "overdue_ratio")
            rhythm = [getattr(found, name).tolist()[place] for name in names]
            if len(own) < 3:
                self.assertEqual(rhythm, [None] * 4)
                self.assertEqual(found.reason[place], interval.TOO_FEW)
                return
            gaps = np.diff(own)
            expected = median(gaps.tolist())
            low, high = np.percentile(gaps, [25, 75])
            self.assertEqual(rhythm[0], expected)
            self.assertAlmostEqual(rhythm[1], high - low)
            self.assertEqual(rhythm[2], own[-1] + math.floor(expected + 0.5))
            self.assertAlmostEqual(rhythm[3], (today - own[-1]) / expected)
            self.assertEqual(found.reason[place], "")
