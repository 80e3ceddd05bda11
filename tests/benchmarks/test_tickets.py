"""What the promise adds to a ticket, against helpdesk_mgmt alone in the same run."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

BATCH = 200
TURNS = 5
TIME_BOUND = 1.25
PER_TICKET_BOUND = 1.0
SINGLE_BOUND = 6
STAGE_BOUND = 1
LIST_SIZES = (10, 80)


class Cost(NamedTuple):
    """Queries and seconds of one call, everything flushed."""

    queries: int
    seconds: float


class Desk:
    """Customers and a team in one database, and tickets to be made for them."""

    def __init__(self, env: Any) -> None:
        self.env = env
        partners = env["res.partner"]
        companies = partners.create(
            [{"name": f"Company {n}", "is_company": True} for n in range(BATCH // 2)]
        )
        self.contacts = partners.create(
            [
                {"name": f"Contact {n}", "parent_id": companies[n % len(companies)].id}
                for n in range(BATCH)
            ]
        )
        self.team = env["helpdesk.ticket.team"].create({"name": "Benchmark"})
        self.stage = env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")
        self.tickets = self.create(BATCH)  # the first tickets make the relationships
        env.flush_all()

    def create(self, count: int) -> Any:
        values = [
            {
                "name": f"Ticket {n}",
                "description": "<p>Help</p>",
                "partner_id": self.contacts[n].id,
                "team_id": self.team.id,
            }
            for n in range(count)
        ]
        return self.env["helpdesk.ticket"].create(values)

    def cost(self, call: Callable[[], Any], is_cold: bool = True) -> Cost:
        """The cost of a call; cold: as at the beginning of a request, nothing in the cache."""
        if is_cold:
            self.env.invalidate_all()
        queries, start = self.env.cr.sql_log_count, time.perf_counter()
        call()
        self.env.flush_all()
        return Cost(self.env.cr.sql_log_count - queries, time.perf_counter() - start)

    def move(self, ticket: Any) -> Cost:
        """The cost of moving a ticket that is on the screen to another stage."""
        ticket.read(["name", "stage_id"])
        return self.cost(
            lambda: ticket.write({"stage_id": self.stage.id}), is_cold=False
        )


class Desks(NamedTuple):
    alone: Desk
    suite: Desk


@pytest.fixture(scope="module")
def desks(alone_and_suite: tuple[Any, Any]) -> Desks:
    return Desks(*map(Desk, alone_and_suite))


def show(
    capsys: pytest.CaptureFixture[str], text: str, value: float, bound: float
) -> None:
    with capsys.disabled():
        print(f"\n  {text}: {value:.2f} (at most {bound})")


def test_two_hundred_tickets_at_once(
    desks: Desks, capsys: pytest.CaptureFixture[str]
) -> None:
    turns = [
        [desk.cost(lambda desk=desk: desk.create(BATCH)) for desk in desks]
        for _ in range(TURNS)
    ]
    alone, suite = zip(*turns, strict=True)
    more = (
        min(cost.queries for cost in suite) - min(cost.queries for cost in alone)
    ) / BATCH
    ratio = min(cost.seconds for cost in suite) / min(cost.seconds for cost in alone)
    show(capsys, "queries more per ticket, 200 at once", more, PER_TICKET_BOUND)
    show(capsys, "time of 200 tickets / helpdesk_mgmt alone", ratio, TIME_BOUND)
    assert more <= PER_TICKET_BOUND
    assert ratio <= TIME_BOUND


def test_a_single_ticket(desks: Desks, capsys: pytest.CaptureFixture[str]) -> None:
    alone, suite = (
        desk.cost(lambda desk=desk: desk.create(1)).queries for desk in desks
    )
    show(capsys, "queries more for a single ticket", suite - alone, SINGLE_BOUND)
    assert suite - alone <= SINGLE_BOUND


def test_a_stage_move(desks: Desks, capsys: pytest.CaptureFixture[str]) -> None:
    alone, suite = (desk.move(desk.tickets[0]).queries for desk in desks)
    show(capsys, "queries more for a stage move", suite - alone, STAGE_BOUND)
    assert suite - alone <= STAGE_BOUND


def test_the_relationship_list_asks_as_often_for_80_as_for_10(
    desks: Desks, capsys: pytest.CaptureFixture[str]
) -> None:
    relationships = desks.suite.env["crm.relationship"]
    view = relationships.get_view(view_type="list")
    fields = view["models"]["crm.relationship"]
    specification: dict[str, dict[str, Any]] = {name: {} for name in fields}

    def read(limit: int) -> None:
        found = relationships.web_search_read([], specification, limit=limit)
        assert len(found["records"]) == limit

    costs = [desks.suite.cost(lambda n=n: read(n)).queries for n in LIST_SIZES]
    show(capsys, "queries of the list with 80 rows", costs[1], costs[0])
    assert costs[0] == costs[1]
