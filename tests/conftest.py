"""Fixtures of all tests in this folder: databases, a served Odoo, a browser.

`setup/test --only tests/…` runs them in the right environment. Nothing here changes the
database crm_relationship_test itself: what is served is a copy.
"""

import os
import re
from collections.abc import Callable, Iterator
from configparser import RawConfigParser
from contextlib import AbstractContextManager
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

import databases
from support import inprocess
from support.browser import Pages, launch
from support.installation import LOGS, Installation
from support.server import Server

DATABASE = "crm_relationship_test"
Reports = pytest.StashKey[dict[str, pytest.TestReport]]()


def pytest_configure() -> None:
    """Let pytest be called by hand too: the private server is in the configuration."""
    conf = RawConfigParser()
    conf.read(databases.CONF)
    names = {
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "password": "PGPASSWORD",
    }
    for key, variable in names.items():
        if value := conf.get("options", f"db_{key}", fallback=""):
            os.environ.setdefault(variable, value)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Keep the report of each phase, so that a fixture knows whether its test failed."""
    report = yield
    item.stash.setdefault(Reports, {})[report.when] = report
    return report


def has_failed(request: pytest.FixtureRequest) -> bool:
    reports = request.node.stash.get(Reports, {})
    return any(report.failed for report in reports.values())


# ------------------------------------------------------------------- databases


@pytest.fixture(scope="session")
def installation() -> Installation:
    """The Odoo of the working copy, to be commanded."""
    return Installation()


@pytest.fixture(scope="session")
def make_database() -> Callable[..., str]:
    """make_database(name, modules, demo=False, base=None): the name of a database with
    these modules, on a copy of the database `base` if one is named.

    Built once and kept for `setup/test --fast`. Do not write to it: take a copy.
    """

    def make(
        name: str, modules: list[str], demo: bool = False, base: str | None = None
    ) -> str:
        full = f"{DATABASE}_{name}"
        with (LOGS / f"database-{full}.log").open("w") as log:
            databases.ensure(full, modules, demo, log, base)
        return full

    return make


@pytest.fixture(scope="session")
def base_database(make_database: Callable[..., str]) -> Callable[[bool], str]:
    """base_database(demo): all that our addons stand on, without them."""
    foundations = databases.foundations(databases.addons())

    def make(demo: bool) -> str:
        return make_database("base_demo" if demo else "base", foundations, demo)

    return make


@pytest.fixture(scope="session")
def copy_database() -> Iterator[Callable[[str, str], str]]:
    """copy_database(source, name): a copy to write to, made in seconds, dropped at the end."""
    made: list[str] = []

    def copy(source: str, name: str) -> str:
        inprocess.close(source)
        made.append(f"{DATABASE}_{name}")
        databases.copy(source, made[-1])
        return made[-1]

    yield copy
    for name in made:
        inprocess.close(name)
        databases.drop(name)


@pytest.fixture(scope="session")
def serve(installation: Installation) -> Iterator[Callable[[str], Server]]:
    """serve(database): a server on it, ended with the session."""
    servers: list[Server] = []

    def start(database: str) -> Server:
        servers.append(Server(installation, database))
        databases.set_url(database, servers[-1].url)
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def server(
    copy_database: Callable[[str, str], str], serve: Callable[[str], Server]
) -> Server:
    """All addons of the suite, no demo data. Tests make what they need."""
    return serve(copy_database(DATABASE, "serve"))


@pytest.fixture(scope="session")
def demo_database(
    make_database: Callable[..., str], base_database: Callable[[bool], str]
) -> str:
    """All addons of the suite with their demo data and its users. Take a copy."""
    base = base_database(True)
    return make_database("demo", databases.addons(), demo=True, base=base)


@pytest.fixture(scope="session")
def demo_server(
    demo_database: str,
    copy_database: Callable[[str, str], str],
    serve: Callable[[str], Server],
) -> Server:
    """A server on a copy of the database with demo data, for tests that share it."""
    return serve(copy_database(demo_database, "demo_serve"))


@pytest.fixture
def odoo_env() -> Callable[[str], AbstractContextManager[Any]]:
    """odoo_env(database): Odoo's environment in this process, rolled back at the end."""
    return inprocess.environment


# --------------------------------------------------------------------- browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def page_as(
    request: pytest.FixtureRequest, browser: Browser, demo_server: Server
) -> Iterator[Pages]:
    """page_as(login, path): a page of this user on the server with demo data.

    The test fails if an error dialog, an error in the console or a failed request has
    appeared in any of its pages. A failed test leaves screenshots in .odoo/log/screenshots.
    """
    pages = Pages(browser, demo_server)
    yield pages
    problems = pages.problems()
    if problems or has_failed(request):
        name = re.sub(r"\W+", "-", request.node.name)
        pages.screenshots(LOGS / "screenshots", name)
    pages.close()
    assert not problems, "\n".join(problems)
