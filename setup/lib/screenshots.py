"""Takes the pictures of the README from the real client, logged in as the users of the
demo data, on a copy of the demo database."""

import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import databases
from support.browser import context_of, launch, settle
from support.installation import Installation
from support.server import Server

FOLDER = databases.ROOT / "docs" / "screenshots"
COPY = "crm_relationship_screenshots"


@dataclass(frozen=True)
class Shot:
    """One picture: its file, who sees it, where, what must be there, what is clicked."""

    name: str
    login: str
    path: str
    selector: str
    clicks: tuple[str, ...] = ()


def action(name: str) -> str:
    return f"/odoo/action-crm_relationship.{name}"


FIRST_ROW = ".o_data_row:nth-child(1) td[name='partner_id']"
SHOTS = [
    Shot(
        "relationships",
        "manager",
        action("crm_relationship_action"),
        ".o_list_view .o_data_row",
    ),
    Shot(
        "relationship",
        "manager",
        action("crm_relationship_action"),
        ".o_form_view .o_form_sheet",
        (FIRST_ROW,),
    ),
    Shot(
        "journey",
        "manager",
        action("crm_relationship_action"),
        ".o_kanban_view .o_kanban_record",
        (".o_switch_view.o_kanban",),
    ),
    Shot(
        "queue",
        "agent",
        action("helpdesk_ticket_queue_action"),
        ".o_view_controller .o_data_row, .o_kanban_record",
    ),
    Shot("desk", "agent", "/odoo/my-desk", ".o_desk_tile"),
    Shot("service", "manager", "/odoo/service-dashboard", ".o_service_board_tile"),
    Shot(
        "audit",
        "manager",
        action("crm_relationship_audit_action"),
        ".o_form_view .o_form_sheet",
        (".o_data_row:nth-child(3) td[name='display_name']",),
    ),
    Shot("pareto", "manager", "/odoo/first-contact-causes", "canvas"),
    Shot(
        "policies",
        "manager",
        action("crm_relationship_policy_action"),
        ".o_list_view .o_data_row",
    ),
    Shot("customer_base", "manager", "/odoo/customer-base", "canvas"),
    Shot("whale_curve", "manager", "/odoo/whale-curve", "canvas"),
    Shot("portal", "portal_key", "/my/relationship", "#wrap"),
]


def take(page: Page, shot: Shot) -> None:
    page.goto(shot.path)
    for selector in shot.clicks:
        page.locator(selector).first.click()
    page.locator(shot.selector).first.wait_for()
    settle(page)
    page.mouse.move(0, 0)
    page.wait_for_timeout(1000)  # for what fades in
    page.screenshot(path=FOLDER / f"{shot.name}.png")


def take_all(browser: Browser, server: Server) -> None:
    for shot in SHOTS:
        print(shot.name, flush=True)
        context = context_of(browser, server, shot.login)
        take(context.new_page(), shot)
        context.close()


def main(database: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    databases.copy(database, COPY)
    server = Server(Installation(Path(sys.executable)), COPY)
    try:
        server.start()
        with sync_playwright() as playwright:
            browser = launch(playwright)
            take_all(browser, server)
            browser.close()
    finally:
        server.stop()
        databases.drop(COPY)


if __name__ == "__main__":
    main(sys.argv[1])
