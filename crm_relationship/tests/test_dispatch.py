"""Who gets a ticket and which comes next, for every input: no stream of other customers' tickets starves anybody."""

import logging
from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

from odoo.tests import BaseCase, tagged

from ..analytics import dispatch
from ..analytics.dispatch import Load, Waiting

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None
    logging.getLogger(__name__).warning(
        "hypothesis is not installed: the properties of the queue are not tested"
    )

START = datetime(2026, 3, 2, 8)


class Arrival(NamedTuple):
    """A ticket that comes at an hour, of a segment, with so many hours promised."""

    at: int
    segment: str
    hours: int
    priority: str = "1"

    def wait(self, number):
        return Waiting(
            number,
            START + timedelta(hours=self.at + self.hours),
            self.priority,
            number=f"HT{number:05}",
        )


def serve(arrivals, pace):
    """Serve one ticket every so many hours, always the first of the queue; the numbers as they are served."""
    waiting, served, hour = {}, [], 0
    while len(served) < len(arrivals):
        for number, arrival in enumerate(arrivals):
            if hour - pace < arrival.at <= hour and number not in served:
                waiting[number] = arrival.wait(number)
        if waiting:
            first = dispatch.order(waiting.values())[0]
            served.append(first.id)
            del waiting[first.id]
        hour += pace
    return served


if given:
    always = settings(max_examples=200, deadline=None, derandomize=True, database=None)
    # Whole hours for many equal ones, minutes so that a small head start of somebody shows.
    minutes = st.integers(0, 50).map(lambda hours: 60 * hours) | st.integers(0, 3000)
    deadlines = st.none() | minutes.map(
        lambda passed: START + timedelta(minutes=passed)
    )
    tickets = st.builds(
        Waiting,
        st.integers(0, 10_000),
        deadlines,
        st.sampled_from("0123"),
        st.integers(0, 20),
        st.integers(0, 99_999).map(lambda number: f"HT{number:05}"),
    )
    queues = st.lists(tickets, max_size=30, unique_by=lambda ticket: ticket.id)
    people = st.sampled_from(["ann", "bob", "eve", "joe"])
    loads = st.dictionaries(
        people,
        st.integers(0, 20).flatmap(
            lambda count: st.integers(0, count).map(lambda late: Load(count, late))
        ),
    )
    requests = st.lists(st.lists(people, unique=True, max_size=4), max_size=30)
    FLOOR_HOURS = 16
    # A stream of key accounts: short promises, high priority, at any hours.
    streams = st.lists(
        st.builds(
            Arrival,
            st.integers(0, 60),
            st.just("key"),
            st.integers(1, 8),
            st.sampled_from("123"),
        ),
        min_size=1,
        max_size=60,
    )

    @tagged("post_install", "-at_install")
    class TestLoads(BaseCase):
        @given(st.lists(people, unique=True), loads)
        @always
        def test_nobody_else_has_less_to_do(self, candidates, known):
            found = dispatch.least_loaded(candidates, known)
            if not candidates:
                self.assertIsNone(found)
                return
            weights = {
                person: known.get(person, Load()).weight for person in candidates
            }
            self.assertEqual(weights[found], min(weights.values()))

        @given(st.lists(people, unique=True, min_size=1), st.integers(0, 50))
        @always
        def test_what_comes_at_once_is_spread_evenly(self, candidates, count):
            counts = Counter(dispatch.distribute([candidates] * count, {}))
            shares = [counts[person] for person in candidates]
            self.assertLessEqual(max(shares) - min(shares), 1)
            self.assertEqual(sum(shares), count)

        @given(requests, loads)
        @always
        def test_one_after_the_other_is_the_same_as_at_once(self, asked, known):
            current, single = dict(known), []
            for candidates in asked:
                single += dispatch.distribute([candidates], current)
                person = single[-1]
                if person:
                    current[person] = current.get(person, Load()).more()
            self.assertEqual(dispatch.distribute(asked, known), single)
            for person, candidates in zip(single, asked, strict=True):
                self.assertTrue(person in candidates if candidates else person is None)

        @given(people, st.integers(0, 9), st.integers(0, 9))
        @always
        def test_more_to_do_is_never_lighter(self, person, count, late):
            load = Load(count + late, late)
            self.assertGreater(load.more().weight, load.weight)
            self.assertGreater(Load(load.open, late + 1).weight, load.weight)

    @tagged("post_install", "-at_install")
    class TestOrder(BaseCase):
        @given(st.data(), queues)
        @always
        def test_the_order_in_which_tickets_came_to_be_read_does_not_matter(
            self, data, queue
        ):
            shuffled = data.draw(st.permutations(queue))
            self.assertEqual(dispatch.order(queue), dispatch.order(shuffled))

        @given(queues)
        @always
        def test_a_place_depends_on_deadlines_only(self, queue):
            """Before a ticket stand all that fall due earlier, and none that falls due later."""
            found = dispatch.order(queue)
            self.assertCountEqual(found, queue)
            for place, ticket in enumerate(found):
                due = ticket.deadline or datetime.max
                others = [other.deadline or datetime.max for other in queue]
                earlier = sum(other < due for other in others)
                not_later = sum(other <= due for other in others)
                self.assertTrue(earlier <= place < not_later)

        @given(queues.filter(bool), tickets)
        @always
        def test_a_later_deadline_never_pushes_a_ticket_back(self, queue, late):
            """Whatever joins the queue with a later deadline leaves the places before it as they were."""
            first = dispatch.order(queue)[0]
            due = first.deadline or datetime.max
            if first.deadline and (late.deadline or datetime.max) > due:
                joined = dispatch.order([*queue, late])
                self.assertEqual(joined[0], first)

    @tagged("post_install", "-at_install")
    class TestNobodyStarves(BaseCase):
        @given(streams, st.integers(0, 40), st.integers(1, 6))
        @always
        def test_a_small_account_is_served_by_its_floor_deadline(
            self, stream, at, pace
        ):
            """However many key tickets come, those served before it are bounded by the deadlines before its own."""
            small = Arrival(at, "small", FLOOR_HOURS)
            arrivals = [*stream, small]
            served = serve(arrivals, pace)
            before = served[: served.index(len(stream))]
            due = small.at + small.hours
            allowed = [
                number
                for number, arrival in enumerate(stream)
                if arrival.at + arrival.hours <= due or arrival.at <= small.at
            ]
            waited_for = [number for number in before if stream[number].at > small.at]
            for number in waited_for:
                self.assertLessEqual(stream[number].at + stream[number].hours, due)
            self.assertLessEqual(len(before), len(allowed))

        @given(st.integers(1, 8), st.integers(1, 5), st.integers(1, 4))
        @always
        def test_an_endless_stream_ends_for_who_waits(self, hours, per_hour, pace):
            """Key tickets every hour for ever, more than can be served: the small one still gets to the front.

            No key ticket that comes later than its floor deadline less their own promise can overtake it.
            """
            last = FLOOR_HOURS * per_hour * pace * 3
            stream = [
                Arrival(at, "key", hours, "3")
                for at in range(last)
                for _ in range(per_hour)
            ]
            small = Arrival(0, "small", FLOOR_HOURS)
            waiting = [
                arrival.wait(number + 1) for number, arrival in enumerate(stream)
            ]
            order = dispatch.order([*waiting, small.wait(0)])
            place = next(n for n, ticket in enumerate(order) if ticket.id == 0)
            overtaking = [
                arrival for arrival in stream if arrival.at <= FLOOR_HOURS - hours
            ]
            self.assertEqual(place, len(overtaking))
            self.assertLess(place, len(stream))

        @given(streams, st.integers(1, 6))
        @always
        def test_everybody_gets_to_the_front(self, stream, pace):
            self.assertCountEqual(serve(stream, pace), range(len(stream)))
