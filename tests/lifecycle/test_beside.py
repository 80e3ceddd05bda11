"""The suite beside helpdesk_mgmt_sla and helpdesk_mgmt_rating, whichever came first and whichever goes again."""

from collections.abc import Callable

import pytest

import databases
from checks import logs
from support.installation import Installation
from support.snapshot import broken_views, orphans, snapshot
from support.ticket_course import COURSE, OLD_TEAM

SUITE = databases.addons()
BESIDE = ["helpdesk_mgmt_sla", "helpdesk_mgmt_rating"]
EVENTS = ["opened", "agent_reply", "paused", "customer_reply", "resumed", "resolved"]


@pytest.fixture(params=[(BESIDE, SUITE), (SUITE, BESIDE)], ids=["last", "first"])
def order(request: pytest.FixtureRequest) -> tuple[list[str], list[str]]:
    """What is installed first and stays, and what comes and goes: the suite is the last, or the first."""
    names: tuple[list[str], list[str]] = request.param
    return names


@pytest.fixture
def database(
    order: tuple[list[str], list[str]],
    make_database: Callable[..., str],
    base_database: Callable[[bool], str],
    copy_database: Callable[[str, str], str],
) -> str:
    """A database with what is installed first, and a team from that time."""
    base = base_database(False)
    name = "beside_" + ("suite" if order[0] == SUITE else "others")
    return copy_database(make_database(name, order[0], base=base), "beside")


def command(odoo: Installation, database: str, *arguments: str) -> None:
    """Nothing bad in the log of a command, and no warning that concerns the suite."""
    log = odoo.run(*arguments, "-c", str(odoo.conf), "-d", database)
    bad = logs.bad_records(list(logs.records(log.splitlines())), logs.allow_list())
    assert not bad, "\n".join(str(record) for record in bad)


def test_a_ticket_is_served_and_either_can_go(
    installation: Installation, order: tuple[list[str], list[str]], database: str
) -> None:
    _first, last = order
    installation.shell(database, OLD_TEAM)
    before = snapshot(database)
    install = ("-i", ",".join(last), "--stop-after-init", "--no-http")
    command(installation, database, *install)
    assert broken_views(installation, database) == []

    course = installation.shell(database, COURSE, login="together")
    assert course["events"] == EVENTS
    assert course["promised"] and course["back in work"] and course["closed"]
    assert course["counts"] == [1, 1, 0], "a rating is no message, and reopens nothing"
    assert course["sla"] == ["on_hold", "accomplished"]
    assert (course["asked"], course["positive"], course["feedback"]) == (1, 100, [5])

    command(installation, database, "module", "uninstall", *last)
    after = snapshot(database)
    assert before.minus(after) == {}, "taken away"
    if last == SUITE:  # the others leave Odoo's names for parts of their models
        assert after.minus(before) == {}, "left behind"
        assert orphans(database) == []
    assert broken_views(installation, database) == []

    alone = installation.shell(database, COURSE, login="alone")
    assert alone["closed"]
    assert alone.get("events", EVENTS) == EVENTS
