"""Two servers warn of the same promises at the same time: nobody is told twice."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

TICKETS = 40

# So long ago that three quarters of the first response have passed, and no promise is broken yet.
IN_DANGER = """
UPDATE helpdesk_ticket
   SET next_warning_at = now() AT TIME ZONE 'UTC' - interval '1 minute',
       first_response_warning_at = now() AT TIME ZONE 'UTC' - interval '1 minute'
 WHERE id = ANY(%s)
"""


@pytest.fixture(scope="module")
def database(
    make_database: Callable[..., str], copy_database: Callable[[str, str], str]
) -> str:
    return copy_database(make_database("benchmark", ["crm_relationship"]), "alerts")


def make_tickets(env: Any) -> list[int]:
    """Tickets in danger, committed, so that every connection sees them."""
    agent = env["res.users"].create({"name": "Agent", "login": "alerted"})
    team = env["helpdesk.ticket.team"].create(
        {"name": "Alerted", "user_ids": agent.ids}
    )
    tickets = env["helpdesk.ticket"].create(
        [
            {
                "name": f"Ticket {n}",
                "description": "<p>Help</p>",
                "team_id": team.id,
                "user_id": agent.id,
            }
            for n in range(TICKETS)
        ]
    )
    env.flush_all()
    env.cr.execute(IN_DANGER, [tickets.ids])
    env.cr.commit()
    return list(tickets.ids)


def alert(
    database: str, barrier: threading.Barrier, refused: list[BaseException]
) -> None:
    """What the job does, on a connection of its own; a conflict is tried again at the next run, as Odoo does."""
    from psycopg2.errors import SerializationFailure, UniqueViolation

    from support import inprocess

    with inprocess.environment(database) as env:
        env["helpdesk.ticket"].search_count([])  # the snapshot is taken now
        barrier.wait()
        try:
            env["helpdesk.ticket"]._cron_alert()
        except (SerializationFailure, UniqueViolation) as error:
            refused.append(error)


def test_nobody_is_told_twice(
    database: str, odoo_env: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with odoo_env(database) as env:
        ticket_ids = make_tickets(env)
    barrier, refused = threading.Barrier(3), []
    threads = [
        threading.Thread(target=alert, args=(database, barrier, refused))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with odoo_env(database) as env:
        env[
            "helpdesk.ticket"
        ]._cron_alert()  # the next run finds what is left, if anything
        found = [("ticket_id", "in", ticket_ids), ("kind", "=", "warned")]
        told = env["crm.relationship.ticket.event"].search(found)
        of_tickets = [
            ("res_model", "=", "helpdesk.ticket"),
            ("res_id", "in", ticket_ids),
        ]
        activities = env["mail.activity"].search(of_tickets)
        assert sorted(told.ticket_id.ids) == sorted(ticket_ids)
        assert len(told) == len(activities) == TICKETS
    with capsys.disabled():
        print(f"\n  3 connections at once, {len(refused)} refused, {TICKETS} told once")
