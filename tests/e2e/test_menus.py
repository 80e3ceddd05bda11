"""Every menu of the suite opens in the real client, in each of its views, for each kind
of user, without an error."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support.browser import Pages, settle
from support.server import Server

VIEW = ".o_action_manager .o_view_controller, .o_action_manager .o_action"
KINDS = ("ir.actions.act_window", "ir.actions.client")
SWITCH = ".o_control_panel .o_cp_switch_buttons .o_switch_view"


def actions(env: Any, login: str) -> list[int]:
    """The actions behind the menus of our addons that this user sees."""
    user = env["res.users"].search([("login", "=", login)])
    known = env["ir.model.data"].search(
        [("module", "=like", "crm_relationship%"), ("model", "=", "ir.ui.menu")]
    )
    visible = env(user=user)["ir.ui.menu"]._visible_menu_ids()
    menus = env["ir.ui.menu"].browse(set(known.mapped("res_id")) & set(visible))
    found = [menu.action for menu in menus if menu.action]
    return sorted({action.id for action in found if action._name in KINDS})


def wait_for_view(page: Page) -> None:
    expect(page.locator(VIEW).first).to_be_visible(timeout=30_000)
    settle(page)


def open_all_views(page: Page, action: int) -> None:
    page.goto(f"/odoo/action-{action}")
    wait_for_view(page)
    for number in range(page.locator(SWITCH).count()):
        button = page.locator(SWITCH).nth(number)
        button.click()
        expect(button).to_have_class(re.compile(r"\bactive\b"))
        wait_for_view(page)


@pytest.mark.parametrize("login", ["manager", "agent"])
def test_every_menu_opens_in_all_its_views(
    page_as: Pages, demo_server: Server, login: str
) -> None:
    with demo_server.env() as env:
        found = actions(env, login)
    assert found, f"{login} sees no menu"
    page = page_as(login)
    for action in found:
        open_all_views(page, action)
        assert not page_as.problems(), f"action {action}"
