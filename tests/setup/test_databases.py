"""What the setup commands do with databases, and what they never do."""

from collections.abc import Callable, Iterator

import pytest

import databases

NAME = "crm_relationship_test_marks"


def make_foreign(name: str) -> None:
    databases.execute("CREATE DATABASE {} TEMPLATE template0", name)
    with databases.connect(name) as cursor:
        cursor.execute("CREATE TABLE theirs (id int)")


@pytest.fixture(autouse=True)
def no_database() -> Iterator[None]:
    remove()
    yield
    remove()


def remove() -> None:
    for name in (NAME, f"{NAME}_part"):
        databases.execute("DROP DATABASE IF EXISTS {}", name)


@pytest.fixture
def no_odoo(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Building without Odoo; what it is given can be made to fail."""

    def run_once(*_arguments: str, log: object = None) -> None:
        with databases.connect(f"{NAME}_part") as cursor:
            cursor.execute("CREATE TABLE ours (id int)")

    monkeypatch.setattr(databases, "run_once", run_once)
    return run_once


def test_a_database_of_others_is_neither_used_nor_dropped() -> None:
    make_foreign(NAME)
    assert databases.state(NAME, []) == "foreign"
    for action in (databases.drop, lambda n: databases.ensure(n, [])):
        with pytest.raises(databases.SetupError, match="not made here"):
            action(NAME)
    assert databases.exists(NAME)


def test_a_part_of_others_is_not_dropped() -> None:
    make_foreign(f"{NAME}_part")
    with pytest.raises(databases.SetupError, match="not made here"):
        databases.build(NAME, [])


def test_the_mark_of_another_working_copy_is_not_ours(
    monkeypatch: pytest.MonkeyPatch, no_odoo: object
) -> None:
    databases.build(NAME, [])
    monkeypatch.setattr(databases, "working_copy", lambda: "another")
    assert databases.state(NAME, []) == "foreign"


def test_a_build_that_fails_leaves_nothing_that_could_be_served(
    monkeypatch: pytest.MonkeyPatch, no_odoo: Callable[..., None]
) -> None:
    def fail(*_arguments: str, log: object = None) -> None:
        raise databases.SetupError("interrupted")

    with monkeypatch.context() as patch, pytest.raises(databases.SetupError):
        patch.setattr(databases, "run_once", fail)
        databases.build(NAME, [])
    assert databases.state(NAME, []) == "absent"
    databases.ensure(NAME, [])
    assert databases.state(NAME, []) == "ready"
    assert not databases.exists(f"{NAME}_part")


def test_a_kill_between_making_and_marking_is_recovered_from(no_odoo: object) -> None:
    databases.execute("CREATE DATABASE {} TEMPLATE template0", f"{NAME}_part")
    databases.build(NAME, [])
    assert databases.state(NAME, []) == "ready"


def test_only_what_has_changed_is_updated(
    monkeypatch: pytest.MonkeyPatch, no_odoo: object
) -> None:
    databases.build(NAME, ["crm_relationship"])
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(databases, "run_once", lambda *a, log=None: calls.append(a))
    databases.ensure(NAME, ["crm_relationship"])
    assert not calls
    monkeypatch.setattr(databases, "stamp", lambda addon: "new")
    databases.ensure(NAME, ["crm_relationship"])
    assert [call[-1] for call in calls] == ["crm_relationship"]
