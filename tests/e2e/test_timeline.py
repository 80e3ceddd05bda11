"""The history of a customer, in a real browser."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from support.server import Server


def test_the_manager_reads_a_history_and_opens_what_was_sold(
    page_as: Callable[..., Page], demo_server: Server
) -> None:
    bought = [["order_count_12m", ">", 0]]
    number = demo_server.rpc("manager")("crm.relationship", "search", bought)[0]
    page = page_as("manager", f"/odoo/relationships/{number}")
    page.get_by_role("tab", name="Timeline").click()
    timeline = page.locator(".o_relationship_timeline")
    entries = timeline.locator(".o_relationship_timeline_entry")
    expect(entries.first).to_be_visible()
    timeline.get_by_role("button", name="Sales").click()
    expect(timeline.locator("li[data-kind='interaction']")).to_have_count(0)
    expect(entries.first).to_have_attribute("data-kind", "transaction")
    entries.first.get_by_role("link").click()
    lines = page.locator("div[name='order_line'], div[name='invoice_line_ids']")
    expect(lines.first).to_be_visible()
