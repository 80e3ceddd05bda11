"""First contact resolution as arithmetic: a naive reference, and what holds for every course of a ticket."""

import logging
from datetime import datetime, timedelta

import numpy as np

from odoo.tests import BaseCase, tagged

from ..analytics import fcr
from .fcr import KINDS, Happened, naive_answer, naive_verdict

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None
    logging.getLogger(__name__).warning(
        "hypothesis is not installed: the properties of first contact resolution are not tested"
    )

MONDAY = datetime(2026, 3, 2, 8)
OWNER = 1


def get_facts(events):
    """What happened to one ticket that its first owner closed, as the arithmetic wants it."""
    events = sorted(events, key=lambda event: event.date)

    def moment(kind, place=0):
        dates = [event.date for event in events if event.kind == kind]
        return fcr.moments([dates[place] if len(dates) > place else None])

    answer = naive_answer(events)
    said = {
        kind: fcr.moments([answer.date if answer and answer.kind == kind else None])
        for kind in ("said_solved", "said_unsolved")
    }
    return fcr.Facts(
        resolved=moment("resolved"),
        first_reply=moment("agent_reply"),
        second_reply=moment("agent_reply", 1),
        second_contact=moment("customer_reply"),
        reopened=moment("reopened"),
        handed_over=moment("handed_over"),
        is_closed_by_owner=np.array([True]),
        **said,
    )


def decide(definition, events, days, now):
    found = fcr.decide(definition, get_facts(events), days, np.datetime64(now, "us"))
    return found.states[0], found.decided.tolist()[0], found.due.tolist()[0]


@tagged("post_install", "-at_install")
class TestFcrEdges(BaseCase):
    def test_the_window_is_open_to_its_last_moment_and_closed_at_its_end(self):
        closed = Happened(MONDAY, "resolved")
        end = MONDAY + timedelta(days=7)
        last = end - timedelta(microseconds=1)
        for definition, kind in (
            (fcr.NO_SECOND_CONTACT, "customer_reply"),
            (fcr.FIRST_OWNER, "reopened"),
        ):
            with self.subTest(definition):
                self.assertEqual(
                    decide(definition, [closed], 7, last), ("pending", None, end)
                )
                self.assertEqual(
                    decide(definition, [closed], 7, end), ("yes", end, None)
                )
                self.assertEqual(
                    decide(definition, [closed, Happened(last, kind)], 7, last),
                    ("no", last, None),
                )
                self.assertEqual(
                    decide(definition, [closed, Happened(end, kind)], 7, end),
                    ("yes", end, None),
                )

    def test_an_unknown_definition_is_refused_by_name(self):
        with self.assertRaisesRegex(ValueError, "two_replies"):
            decide("two_replies", [], 7, MONDAY)

    def test_no_tickets_no_verdicts(self):
        none = fcr.moments([])
        empty = fcr.Facts(*[none] * 6, np.array([], dtype=bool), none, none)
        self.assertEqual(
            fcr.decide(
                fcr.ONE_REPLY, empty, 7, np.datetime64(MONDAY, "us")
            ).states.size,
            0,
        )


if given:
    always = settings(max_examples=300, deadline=None, derandomize=True, database=None)
    definitions = st.sampled_from(fcr.DEFINITIONS)
    windows = st.integers(0, 12)
    hours = st.integers(0, 24 * 20)
    courses = st.lists(
        st.builds(
            lambda hour, kind: Happened(MONDAY + timedelta(hours=hour), kind),
            hours,
            st.sampled_from([kind for kind in KINDS if kind != "assigned"]),
        ),
        max_size=8,
    ).map(lambda events: sorted(events, key=lambda event: event.date))
    counts = st.lists(st.integers(0, 500), max_size=30)

    def until(events, now):
        return [event for event in events if event.date <= now]

    def reference(definition, events, days, now):
        """The naive verdict where the owner does all that we do."""
        owned = [Happened(MONDAY - timedelta(days=1), "assigned", OWNER), *events]
        return naive_verdict(definition, owned, days, now)

    @tagged("post_install", "-at_install")
    class TestFcrProperties(BaseCase):
        @given(definitions, courses, windows, hours)
        @always
        def test_it_is_the_naive_verdict(self, definition, events, days, hour):
            now = MONDAY + timedelta(hours=hour)
            events = until(events, now)
            self.assertEqual(
                decide(definition, events, days, now),
                reference(definition, events, days, now),
            )

        @given(
            st.sampled_from([d for d in fcr.DEFINITIONS if d != fcr.CUSTOMER_SAYS]),
            courses,
            windows,
            hours,
            hours,
        )
        @always
        def test_what_is_decided_stays_decided(
            self, definition, events, days, hour, later
        ):
            now = MONDAY + timedelta(hours=hour)
            then = now + timedelta(hours=later)
            before = decide(definition, until(events, now), days, now)
            after = decide(definition, until(events, then), days, then)
            if before[0] != fcr.PENDING:
                self.assertEqual(before, after)

        @given(courses, windows, hours)
        @always
        def test_a_reopened_ticket_is_solved_by_no_definition(self, events, days, hour):
            now = MONDAY + timedelta(hours=hour)
            events = until(events, now)
            closes = [event.date for event in events if event.kind == "resolved"]
            if not closes or not days:
                return
            events.append(Happened(closes[0] + timedelta(minutes=1), "reopened"))
            for definition in fcr.DEFINITIONS:
                self.assertEqual(decide(definition, events, days, now)[0], fcr.NO)

        @given(definitions, courses, windows, hours)
        @always
        def test_pending_has_no_date_and_a_verdict_nothing_to_wait_for(
            self, definition, events, days, hour
        ):
            now = MONDAY + timedelta(hours=hour)
            state, decided, due = decide(definition, until(events, now), days, now)
            self.assertEqual(state == fcr.PENDING, decided is None)
            if due:
                self.assertGreater(due, now)
                self.assertEqual(state, fcr.PENDING)

        @given(st.lists(st.booleans(), min_size=4, max_size=4), *[hours] * 5)
        @always
        def test_every_second_contact_has_a_cause_and_other_stands_alone(
            self, flags, answered, resolved, stopped, answer_due, solution_due
        ):
            def at(hour):
                return fcr.moments([MONDAY + timedelta(hours=hour)])

            course = fcr.Course(
                *[np.array([flag]) for flag in flags],
                at(answered),
                at(resolved),
                at(stopped),
                at(answer_due),
                at(solution_due),
            )
            found = fcr.classify(course, np.datetime64("2027-01-01", "us"))
            applied = {cause for cause, applies in found.items() if applies[0]}
            named = dict(zip(fcr.CAUSES, flags, strict=False))
            expected = {
                cause
                for cause, applies in (
                    (fcr.HANDED_OVER, named[fcr.HANDED_OVER]),
                    (fcr.REOPENED, named[fcr.REOPENED]),
                    (fcr.WAITED_INFORMATION, named[fcr.WAITED_INFORMATION]),
                    (fcr.WAITED_DEPARTMENT, named[fcr.WAITED_DEPARTMENT]),
                    (fcr.LATE, answered > answer_due or stopped > solution_due),
                )
                if applies
            }
            self.assertEqual(applied, expected or {fcr.OTHER})

        @given(counts)
        @always
        def test_a_pareto_chart_falls_and_climbs_to_all(self, counts):
            found = fcr.pareto(counts)
            ordered = [counts[place] for place in found.order]
            self.assertEqual(ordered, sorted((n for n in counts if n), reverse=True))
            ratios = found.cumulative_ratios
            self.assertEqual(ratios, sorted(ratios))
            if ratios:
                self.assertAlmostEqual(ratios[-1], 1)
                vital = found.vital_count
                self.assertGreaterEqual(ratios[vital - 1], 0.8 - 1e-9)
                self.assertTrue(vital == 1 or ratios[vital - 2] < 0.8)

        @given(counts, st.integers(1, 9))
        @always
        def test_ten_times_as_many_tickets_look_the_same(self, counts, factor):
            one, many = fcr.pareto(counts), fcr.pareto([n * factor for n in counts])
            self.assertEqual(one.order, many.order)
            self.assertEqual(one.vital_count, many.vital_count)
