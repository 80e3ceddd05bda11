"""The agent's desk and the service dashboard, in a real browser."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

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
