"""What several benchmarks measure against: the addons that the suite stands on, without it."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

import databases
from support import inprocess


@pytest.fixture(scope="module")
def alone_and_suite(
    make_database: Callable[..., str],
    copy_database: Callable[[str, str], str],
    request: pytest.FixtureRequest,
) -> tuple[Any, Any]:
    """Environments of two databases: all that the suite depends on alone, and with the suite."""
    name = request.module.__name__.removeprefix("test_")
    foundations = databases.foundations(["crm_relationship"])
    alone = copy_database(make_database("foundations", foundations), f"{name}_alone")
    suite = copy_database(
        make_database("benchmark", ["crm_relationship"]), f"{name}_suite"
    )
    stack = ExitStack()
    request.addfinalizer(stack.close)
    return (
        stack.enter_context(inprocess.environment(alone)),
        stack.enter_context(inprocess.environment(suite)),
    )
