"""A page of the timeline at a million messages, against a page of the customer's own chatter in the same run."""

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

PAGE = 30
BOUND = 1.5
# All is timed in turns, and the best time of each counts: at least so many turns, and more where the machine's other
# work seems to have hit every one of them.
TURNS = range(5, 40)
GROUPS = (
    "sales_team.group_sale_manager",
    "helpdesk_mgmt.group_helpdesk_manager",
    "crm_relationship.group_relationship_manager",
)


class Page(NamedTuple):
    """One page of a customer's history, as our timeline and as the chatter have it."""

    name: str
    timeline: Callable[[], Any]
    chatter: Callable[[], Any]


def read_chatter(partner: Any, before: int | None = None) -> list[int]:
    """What Odoo's route /mail/thread/messages does; ids of the messages."""
    from odoo.addons.mail.tools.discuss import Store

    thread = partner._get_thread_with_access(partner.id, mode="read")
    messages = partner.env["mail.message"]._message_fetch(
        None, thread=thread, before=before, limit=PAGE
    )["messages"]
    messages.set_message_done()
    Store().add(messages).get_result()
    ids: list[int] = messages.ids
    assert len(ids) == PAGE
    return ids


def read_timeline(relationship: Any, before: Any = None) -> Any:
    page = relationship.get_timeline(None, PAGE, before)
    assert len(page["entries"]) >= PAGE
    return page["next"]


def pages_of(name: str, relationship: Any) -> Iterator[Page]:
    """The first page and the one after it."""
    partner = relationship.partner_id
    place, last_id = read_timeline(relationship), min(read_chatter(partner))
    for number, (entry, message) in enumerate(((None, None), (place, last_id)), 1):
        yield Page(
            f"page {number} of a {name} customer",
            lambda entry=entry: read_timeline(relationship, entry),
            lambda message=message: read_chatter(partner, message),
        )


@pytest.fixture(scope="module")
def ratios(
    make_database: Callable[..., str], copy_database: Callable[[str, str], str]
) -> Iterator[dict[str, float]]:
    """Time of our page / time of the chatter's, both with nothing in the cache."""
    from support import history, inprocess

    database = copy_database(
        make_database("benchmark", ["crm_relationship"]), "timeline"
    )
    with inprocess.environment(database) as env:
        customers = history.seed(env)
        user = history.make_user(env, "reader", *GROUPS)
        env = env(user=user.id, su=False, context={"lang": "en_US"})
        pages = [
            page
            for name in ("busy", "usual")
            for page in pages_of(name, getattr(customers, name).with_env(env))
        ]
        yield measure(env, pages)


def measure(env: Any, pages: list[Page]) -> dict[str, float]:
    best = {page.name: [float("inf")] * 2 for page in pages}
    for turn in range(TURNS.stop):
        for page in pages:
            times = [seconds(env, page.timeline), seconds(env, page.chatter)]
            best[page.name] = [*map(min, best[page.name], times)]
        found = {name: ours / theirs for name, (ours, theirs) in best.items()}
        if turn + 1 >= TURNS.start and max(found.values()) <= BOUND:
            break
    return found


def seconds(env: Any, call: Callable[[], Any]) -> float:
    env.invalidate_all()
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def test_a_page_takes_little_more_than_one_of_the_chatter(
    ratios: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        for name, ratio in ratios.items():
            print(f"\n  timeline / chatter, {name}: {ratio:.2f} x (at most {BOUND} x)")
    assert max(ratios.values()) <= BOUND
