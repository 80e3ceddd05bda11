"""The agent's desk and the service dashboard, in a real browser."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from support.server import Server

DESK = ".o_relationship_desk"


def test_the_agent_works_at_his_desk_with_the_keyboard(
    page_as: Callable[..., Page],
) -> None:
    page = page_as("agent", "/odoo/my-desk")
    desk = page.locator(DESK)
    tickets = desk.get_by_role("option")
    expect(tickets.first).to_have_attribute("aria-selected", "true")
    expect(desk.get_by_role("listbox")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(tickets.nth(1)).to_have_attribute("aria-selected", "true")
    title = tickets.nth(1).locator(".fw-bold").first.inner_text()
    expect(desk.locator(".o_desk_detail h2")).to_have_text(title)
    expect(desk.locator(".o_desk_customer h2")).to_be_visible()
    page.keyboard.press("Enter")
    answer = desk.get_by_label("Answer to the customer")
    expect(answer).to_be_focused()
    desk.locator(".o_desk_response").first.click()
    expect(answer).not_to_have_value("")
    page.keyboard.press("Escape")
    expect(desk.get_by_role("listbox")).to_be_focused()


def test_a_ticket_comes_to_an_empty_desk(
    page_as: Callable[..., Page], demo_server: Server
) -> None:
    admin = demo_server.rpc("admin")
    named = [("module", "=", "helpdesk_mgmt"), ("name", "=", "group_helpdesk_user_own")]
    [group] = admin("ir.model.data", "search_read", named, ["res_id"])
    user = admin(
        "res.users",
        "create",
        {
            "name": "Nina New",
            "login": "nina_new",
            "password": "nina_new",
            "group_ids": [(4, group["res_id"])],
        },
    )
    page = page_as("nina_new")
    page.clock.install()
    page.goto("/odoo/my-desk")
    expect(page.locator(".o_desk_empty")).to_be_visible()
    values = {"name": "The first one", "description": "Hello", "user_id": user}
    admin("helpdesk.ticket", "create", values)
    page.clock.run_for(121 * 1000)
    expect(page.locator(".o_desk_detail h2")).to_have_text("The first one")


def test_a_clock_counts_down(page_as: Callable[..., Page]) -> None:
    page = page_as("agent")
    page.clock.install()
    page.goto("/odoo/my-desk")
    clock = page.locator(f"{DESK} .o_promise_clock[data-status='ahead']").first
    expect(clock).to_be_visible()
    before = clock.inner_text()
    # What the server says meanwhile would set the clock right again: let it wait for an answer.
    page.route("**/helpdesk.ticket/get_desk", lambda _route: None)
    page.clock.run_for(61 * 60 * 1000)
    expect(clock).not_to_have_text(before)


def test_every_number_of_the_dashboard_opens_its_tickets(
    page_as: Callable[..., Page],
) -> None:
    page = page_as("manager", "/odoo/service-dashboard")
    board = page.locator(".o_service_board")
    tile = board.locator("[data-tile='late']")
    count = int(tile.locator(".fs-2").inner_text())
    assert count
    tile.click()
    expect(page.locator(".o_data_row")).to_have_count(count)
    page.go_back()
    cell = board.locator(".o_service_board_backlog td button").first
    count = int(cell.inner_text())
    cell.click()
    expect(page.locator(".o_data_row")).to_have_count(count)
    page.go_back()
    board.get_by_role("button", name="1 year").click()
    expect(board.locator("[data-days='365']")).to_have_attribute("aria-pressed", "true")
