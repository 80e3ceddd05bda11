"""Opening a customer: as many queries with thousands of messages, tickets and orders as with none."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lxml import etree

CUSTOMERS = 50
ROLES = {
    "manager": (
        "sales_team.group_sale_manager",
        "helpdesk_mgmt.group_helpdesk_manager",
        "crm_relationship.group_relationship_manager",
    ),
    "agent": (
        "helpdesk_mgmt.group_helpdesk_user",
        "crm_relationship.group_relationship_officer",
    ),
}


def specification_of(views: dict[str, Any]) -> dict[str, Any]:
    """What the web client reads of a record for the form that `get_views` gave."""
    models = views["models"]

    def fields_in(node: Any, model: str) -> dict[str, Any]:
        """The fields below a view's node, those of embedded views below their own field."""
        found: dict[str, Any] = {}
        for child in node:
            if child.tag == "field":
                name = child.get("name")
                found.setdefault(name, {}).update(content(child, model, name))
            else:
                found.update(fields_in(child, model))
        return found

    def content(node: Any, model: str, name: str) -> dict[str, Any]:
        field = models[model]["fields"][name]
        if field["type"] == "many2one":
            return {"fields": {"display_name": {}}}
        if field["type"] not in ("one2many", "many2many"):
            return {}
        below = {}
        for view in node.iterchildren("list", "kanban"):
            below.update(fields_in(view, field["relation"]))
        return {"fields": below or {"display_name": {}}, "limit": 40}

    view = views["views"]["form"]
    return fields_in(etree.fromstring(view["arch"]), view["model"])


@pytest.fixture(scope="module")
def customers(
    make_database: Callable[..., str], copy_database: Callable[[str, str], str]
) -> Iterator[Any]:
    from support import history, inprocess

    database = copy_database(make_database("benchmark", ["crm_relationship"]), "form")
    with inprocess.environment(database) as env:
        found = history.seed(env, CUSTOMERS)
        env["crm.relationship"]._refresh(env.company)
        yield found


@pytest.fixture(scope="module", params=ROLES)
def user(request: pytest.FixtureRequest, customers: Any) -> Any:
    from support import history

    return history.make_user(customers.busy.env, request.param, *ROLES[request.param])


def queries(record: Any, specification: dict[str, Any]) -> int:
    """How often the database is asked when this record is opened, with nothing in the cache."""
    env = record.env
    env.invalidate_all()
    before: int = env.cr.sql_log_count
    (values,) = record.web_read(specification)
    assert values["id"] == record.id
    count: int = env.cr.sql_log_count - before
    return count


@pytest.mark.parametrize("path", ["", "partner_id"])
def test_the_form_asks_as_often_for_a_long_history_as_for_none(
    path: str, user: Any, customers: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    env = user.env(user=user.id, su=False, context={"lang": "en_US"})
    records = [
        item.with_env(env).mapped(path) if path else item.with_env(env)
        for item in (customers.silent, customers.busy)
    ]
    specification = specification_of(records[0].get_views([(False, "form")]))
    for record in records:  # fills the caches of the registry
        queries(record, specification)
    without, with_history = (queries(record, specification) for record in records)
    with capsys.disabled():
        print(
            f"\n  queries to open {records[0]._name} as {user.login}: {with_history} with a long history,"
            f" {without} with none"
        )
    assert with_history == without
