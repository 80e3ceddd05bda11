"""The main stories, in a real browser, by the people of the demo."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from support.server import Server

RELATIONSHIPS = "/odoo/relationships"
QUEUE = "/odoo/action-crm_relationship.helpdesk_ticket_queue_action"
PORTAL = "/my/relationship"


def choose(page: Page, field: str, text: str) -> None:
    """Choose a record in a many2one field by typing."""
    page.locator(f"div[name='{field}'] input").first.fill(text)
    page.locator(".o-autocomplete--dropdown-item", has_text=text).first.click()


def own_id(server: Server, login: str) -> int:
    """The relationship of a portal customer, as he may read it."""
    found = server.rpc(login)("crm.relationship", "search", [])
    assert len(found) == 1
    return int(found[0])


def test_the_manager_moves_a_customer_to_another_type_with_a_reason(
    page_as: Callable[..., Page], demo_server: Server
) -> None:
    dedicated = [["primary_type_id.code", "=", "dedicated"]]
    number = demo_server.rpc("manager")("crm.relationship", "search", dedicated)[0]
    page = page_as("manager", f"{RELATIONSHIPS}/{number}")
    page.get_by_role("button", name="Change Type").click()
    dialog = page.locator(".modal")
    choose(page, "type_id", "Transactional")
    expect(dialog.locator("div[name='losses']")).to_contain_text("a dedicated manager")
    dialog.locator("div[name='reason'] input").fill("Asked for it")
    dialog.get_by_role("button", name="Change Type").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("tab", name="Types").click()
    rows = page.locator("div[name='assignment_ids'] .o_data_row")
    expect(rows.filter(has_text="Asked for it")).to_contain_text("Transactional")
    expect(rows.filter(has_text="Dedicated")).to_be_visible()


def test_the_manager_cannot_lower_the_floor_unseen(
    page_as: Callable[..., Page],
) -> None:
    page = page_as(
        "manager", "/odoo/action-crm_relationship.crm_relationship_policy_action"
    )
    page.locator(".o_data_row", has_text="Service floor").click()
    page.locator("div[name='first_response_hours'] input").fill("48")
    page.locator("div[name='resolution_hours'] input").fill("80")
    page.locator(".o_form_button_save").click()
    message = page.locator(".modal")
    expect(message).to_contain_text("This lowers the floor")
    message.get_by_role("button").first.click()
    expect(page.locator("div[name='first_response_hours'] input")).to_have_value(
        re.compile(r"^48")
    )
    page.locator(".o_form_button_cancel").click()
    page.get_by_role("button", name="Lower the Floor").click()
    page.locator(".modal div[name='first_response_hours'] input").fill("48")
    page.locator(".modal div[name='resolution_hours'] input").fill("80")
    page.locator(".modal div[name='reason'] input").click()
    expect(page.locator(".modal")).to_contain_text("This lowers what everybody gets")
    expect(
        page.locator(".modal div[name='relationship_ids'] .o_data_row").first
    ).to_be_visible()


def test_the_agent_sees_the_promise_of_a_new_ticket(
    page_as: Callable[..., Page], demo_server: Server
) -> None:
    relationship = own_id(demo_server, "portal_key")
    domain = [["relationship_id", "=", relationship]]
    names = demo_server.rpc("manager")("res.partner", "search_read", domain, ["name"])
    page = page_as("agent", f"{QUEUE}/new")
    page.locator("div[name='name'] input").fill("The line stands still")
    choose(page, "partner_id", names[0]["name"])
    page.get_by_role("tab", name="Description").click()
    page.locator("div[name='description'] .odoo-editor-editable").fill(
        "Since this morning."
    )
    page.locator(".o_form_button_save").click()
    expect(page.locator("div[name='first_response_deadline']")).to_be_visible()
    expect(page.locator("div[name='promise_left']")).to_contain_text("left")
    expect(page.locator("div[name='policy_id']")).not_to_contain_text("Service floor")


def test_the_queue_begins_with_the_next_deadline(
    page_as: Callable[..., Page], demo_server: Server
) -> None:
    page = page_as("agent", QUEUE)
    expect(page.locator(".o_data_row").first).to_be_visible()
    shown = page.locator("td[name='number']").all_inner_texts()
    rows = demo_server.rpc("agent")(
        "helpdesk.ticket",
        "search_read",
        [["stage_id.closed", "=", False]],
        ["number", "next_deadline"],
    )
    deadlines = {row["number"]: row["next_deadline"] or "9" for row in rows}
    in_order = [deadlines[number] for number in shown if number in deadlines]
    assert in_order and in_order == sorted(in_order)


def test_a_key_and_a_small_customer_see_their_own_promise(
    page_as: Callable[..., Page],
) -> None:
    for login in ("portal_key", "portal_small"):
        page = page_as(login, PORTAL)
        body = page.locator("main")
        expect(body).to_contain_text("What we promise you")
        expect(body).to_contain_text("Your way to a person")
        for secret in ("segment", "revenue", "floor"):
            assert secret not in body.inner_text().lower()


def test_nobody_sees_anothers_page(
    page_as: Callable[..., Page], demo_server: Server
) -> None:
    key, small = (
        own_id(demo_server, login) for login in ("portal_key", "portal_small")
    )
    missing = 10**8
    texts = []
    for number in (key, missing):
        page = page_as("portal_small", allow=["404"])
        response = page.goto(f"{PORTAL}/{number}")
        assert response and response.status == 404
        texts.append(page.locator("body").inner_text())
    assert texts[0] == texts[1]
    page = page_as("portal_small")
    response = page.goto(f"{PORTAL}/{small}")
    assert response and response.status == 200


def test_the_demo_has_plans_and_suggestions_of_every_kind(demo_server: Server) -> None:
    manager = demo_server.rpc("manager")
    plans = manager("crm.relationship.plan", "search_read", [], ["year", "state"])
    assert len({plan["year"] for plan in plans}) == 2
    assert {plan["state"] for plan in plans} >= {"agreed", "closed"}
    suggestions = manager("crm.relationship.suggestion", "search_read", [], ["state"])
    states = {suggestion["state"] for suggestion in suggestions}
    assert states == {"open", "offered", "accepted", "refused"}


def test_the_demo_has_answers_of_both_teams_over_months(demo_server: Server) -> None:
    manager = demo_server.rpc("manager")

    def group(*names: str) -> list[dict[str, Any]]:
        """The ids of a report are beyond what XML-RPC can carry: its groups are not."""
        found: list[dict[str, Any]] = manager(
            "crm.relationship.feedback",
            "formatted_read_group",
            [],
            names,
            ["__count"],
        )
        return found

    assert len(group("date:month")) >= 6
    assert {answers["score"] for answers in group("score")} == {1, 2, 3, 4, 5}
    rated = [
        answers["document_id"]
        for answers in group("document_model", "document_id")
        if answers["document_model"] == "helpdesk.ticket"
    ]
    tickets = manager("helpdesk.ticket", "read", rated, ["team_id"])
    assert len({ticket["team_id"][1] for ticket in tickets}) == 2
    domain = [["has_health", "=", True]]
    healths = manager("crm.relationship", "search_read", domain, ["health_components"])
    assert any("satisfaction" in health["health_components"] for health in healths)
