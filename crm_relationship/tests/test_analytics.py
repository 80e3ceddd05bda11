"""The pure functions: their docstrings run as tests, and what holds for every input."""

import doctest
import importlib
import itertools
import logging
import pkgutil
from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from .. import analytics
from ..analytics import fairness, worktime

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None
    logging.getLogger(__name__).warning(
        "hypothesis is not installed: the properties of the analytics are not tested"
    )


@tagged("post_install", "-at_install")
class TestDoctests(BaseCase):
    def test_docstrings_of_every_file_tell_the_truth(self):
        for info in pkgutil.iter_modules(analytics.__path__, f"{analytics.__name__}."):
            with self.subTest(info.name):
                result = doctest.testmod(importlib.import_module(info.name))
                self.assertGreater(result.attempted, 0, "no doctest")
                self.assertEqual(result.failed, 0)


if given:
    MONDAY, FAR = datetime(2026, 3, 2), datetime(2036, 3, 2)
    always = settings(max_examples=100, deadline=None, derandomize=True, database=None)
    scopes = (
        st.sampled_from([None, "key", "small"]),
        st.sampled_from([None, "personal", "long"]),
    )
    rules = st.lists(st.tuples(*scopes), max_size=8).map(
        lambda pairs: [
            fairness.Rule(
                number, segment, type_, is_floor=(segment, type_) == (None, None)
            )
            for number, (segment, type_) in enumerate(pairs)
        ]
    )
    terms = st.builds(
        fairness.Terms, st.sampled_from(list(fairness.ACCESS_RANK)), st.integers(0, 5)
    )
    offers = st.dictionaries(
        st.integers(0, 4), st.dictionaries(st.sampled_from("abc"), terms)
    )
    hours = st.floats(0.01, 500, allow_nan=False)
    starts = st.datetimes(MONDAY - timedelta(days=3), MONDAY + timedelta(days=30))
    # breaks and work in turn, in minutes
    minutes = st.lists(st.tuples(st.integers(1, 900), st.integers(1, 900)), max_size=20)

    def as_intervals(pairs):
        moment, found = MONDAY, []
        for pause, work in pairs:
            start = moment + timedelta(minutes=pause)
            moment = start + timedelta(minutes=work)
            found.append((start, moment))
        return found

    def worked_hours(intervals, start, until):
        """How many hours of the intervals lie between two moments."""
        spans = (min(end, until) - max(begin, start) for begin, end in intervals)
        return (
            sum((max(span, timedelta()) for span in spans), timedelta()).total_seconds()
            / 3600
        )

    @tagged("post_install", "-at_install")
    class TestFairnessProperties(BaseCase):
        @given(rules, *scopes)
        @always
        def test_a_chain_holds_what_fits_the_most_specific_first(
            self, made, segment, type_
        ):
            by_id = {rule.id: rule for rule in made}
            chain = [by_id[number] for number in fairness.chain(made, segment, type_)]
            fitting = [
                rule
                for rule in made
                if rule.segment in (None, segment) and rule.type in (None, type_)
            ]
            self.assertCountEqual(chain, fitting)
            ranks = [
                (rule.type is not None, rule.segment is not None) for rule in chain
            ]
            self.assertEqual(ranks, sorted(ranks, reverse=True))

        @given(st.data(), rules, *scopes)
        @always
        def test_a_chain_does_not_depend_on_the_order_of_the_rules(
            self, data, made, segment, type_
        ):
            shuffled = data.draw(st.permutations(made))
            self.assertEqual(
                fairness.chain(made, segment, type_),
                fairness.chain(shuffled, segment, type_),
            )

        @given(terms, terms, terms)
        @always
        def test_worse_terms_are_a_strict_order(self, one, two, three):
            self.assertFalse(one.is_worse_than(one))
            self.assertFalse(one.is_worse_than(two) and two.is_worse_than(one))
            self.assertTrue(
                one == two or one.is_worse_than(two) or two.is_worse_than(one)
            )
            if one.is_worse_than(two) and two.is_worse_than(three):
                self.assertTrue(one.is_worse_than(three))

        @given(st.lists(st.integers(0, 4), unique=True), offers)
        @always
        def test_the_first_policy_that_names_a_service_decides(
            self, policies, given_offers
        ):
            reached = fairness.reach(policies, given_offers)
            for service, found in reached.items():
                naming = [
                    item for item in policies if service in given_offers.get(item, {})
                ]
                self.assertEqual(found, given_offers[naming[0]][service])
            named = itertools.chain(*(given_offers.get(item, {}) for item in policies))
            self.assertEqual(set(reached), set(named))

        @given(st.dictionaries(st.sampled_from("xyz"), st.sets(st.sampled_from("abc"))))
        @always
        def test_nothing_is_out_of_reach_once_it_is_given(self, reached):
            for segment, service in fairness.unreachable(reached, "abc"):
                self.assertNotIn(service, reached[segment])
                reached[segment].add(service)
            self.assertEqual(fairness.unreachable(reached, "abc"), [])

    @tagged("post_install", "-at_install")
    class TestWorktimeProperties(BaseCase):
        @given(minutes, starts, hours)
        @always
        def test_a_deadline_is_where_the_hours_are_worked(self, pairs, start, promised):
            intervals = as_intervals(pairs)
            found = worktime.deadline(intervals, start, promised)
            if found is None:
                self.assertLess(worked_hours(intervals, start, FAR), promised + 1e-6)
            else:
                self.assertAlmostEqual(
                    worked_hours(intervals, start, found), promised, 5
                )
                self.assertTrue(any(begin < found <= end for begin, end in intervals))

        @given(minutes, starts, hours, hours)
        @always
        def test_more_hours_never_end_earlier(self, pairs, start, one, two):
            intervals = as_intervals(pairs)
            short, long = (
                worktime.deadline(intervals, start, value)
                for value in sorted([one, two])
            )
            self.assertTrue(long is None or short <= long)

        @given(minutes, starts, starts, hours)
        @always
        def test_a_later_start_never_ends_earlier(self, pairs, one, two, promised):
            intervals = as_intervals(pairs)
            early, late = (
                worktime.deadline(intervals, start, promised)
                for start in sorted([one, two])
            )
            self.assertTrue(late is None or early <= late)

        @given(minutes, starts, hours)
        @always
        def test_a_cut_through_the_working_day_changes_nothing(
            self, pairs, start, promised
        ):
            intervals = as_intervals(pairs)
            halves = []
            for begin, end in intervals:
                noon = begin + (end - begin) / 2
                halves += [(begin, noon), (noon, end)]
            self.assertEqual(
                worktime.deadline(intervals, start, promised),
                worktime.deadline(halves, start, promised),
            )

        @given(st.floats(-1e8, 1e8, allow_nan=False))
        @always
        def test_a_duration_is_the_sum_of_its_parts(self, value):
            days, hours_left, minutes_left = worktime.split_duration(value)
            self.assertTrue(0 <= hours_left < 24 and 0 <= minutes_left < 60)
            whole = (days * 24 + hours_left) * 60 + minutes_left
            self.assertEqual(whole, int(abs(value)) // 60)
            self.assertEqual(
                worktime.split_duration(-value), (days, hours_left, minutes_left)
            )
