"""A real browser: pages of users, and a watch over what goes wrong in them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from checks import logs

from .server import Server, chromium

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZE: Any = {"width": 1400, "height": 900}


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)


def context_of(
    browser: Browser, server: Server, login: str | None, **options: Any
) -> BrowserContext:
    """A browser context that is logged in as this user (None: a visitor)."""
    context = browser.new_context(
        base_url=server.url, **{"viewport": SIZE, "locale": "en-US", **options}
    )
    if login:
        known = server.session(login).cookies.items()
        context.add_cookies(
            [{"name": n, "value": v, "url": server.url} for n, v in known]
        )
    return context


def settle(page: Page) -> None:
    """Until the web client waits for no answer any more."""
    expect(page.locator(".o_loading_indicator")).to_have_count(0, timeout=30_000)


@dataclass
class Watch:
    """Collects what goes wrong in a page: errors in the console, exceptions, error
    dialogs. Patterns of what a test provokes on purpose are in `allowed`."""

    page: Page
    url: str
    allowed: tuple[str, ...] = ()
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._add(f"exception: {error}"))
        self.page.on("response", self._response)

    def _add(self, text: str) -> None:
        provoked = any(re.search(pattern, text) for pattern in self.allowed)
        if not provoked and not logs.is_allowed(text, logs.allow_list()):
            self.found.append(text)

    def _console(self, message: Any) -> None:
        """Errors of the console; what the network failed to bring is in _response."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self._add(f"console: {message.text}")

    def _response(self, response: Any) -> None:
        if response.status >= 400 and response.url.startswith(self.url):
            self._add(f"{response.status} {response.url}")

    def problems(self) -> list[str]:
        if not self.page.is_closed():
            for dialog in self.page.locator(".o_error_dialog").all():
                self._add(f"error dialog: {dialog.inner_text()}")
        return self.found


class Pages:
    """Opens pages of users and remembers them for the check at the end."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser = browser
        self.server = server
        self.watches: list[Watch] = []

    def __call__(
        self,
        login: str | None,
        path: str = "",
        allow: Iterable[str] = (),
        server: Server | None = None,
        **options: Any,
    ) -> Page:
        """A page in a browser of its own, logged in as this user (None: a visitor).

        allow: patterns of errors that the test provokes (`"404 .*"`, `"console: …"`).
        options: those of Playwright's new_context, for example a viewport.
        """
        place = server or self.server
        page = context_of(self.browser, place, login, **options).new_page()
        page.set_default_timeout(30_000)
        self.watches.append(Watch(page, place.url, tuple(allow)))
        if path:
            page.goto(path)
        return page

    def problems(self) -> list[str]:
        return [problem for watch in self.watches for problem in watch.problems()]

    def screenshots(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for number, watch in enumerate(self.watches, 1):
            if not watch.page.is_closed():
                watch.page.screenshot(path=folder / f"{name}-{number}.png")

    def close(self) -> None:
        for watch in self.watches:
            watch.page.context.close()
