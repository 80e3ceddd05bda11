"""Runs the stages one after another, tells each result, and ends with the count of all.

The exit code is 0 only if nothing failed and something passed.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import databases

from . import addon_tests, lint, pytests
from .outcome import Outcome, count, is_good

Stage = tuple[str, Callable[[], Outcome]]


def build_database(fast: bool) -> Outcome:
    """The database for the tests, with its log in a file."""
    outcome = Outcome("database")
    path = databases.STATE / "log" / "test-database.log"
    try:
        with path.open("w") as file:
            addon_tests.ensure_database(fast, file)
    except databases.SetupError as error:
        outcome.fail(str(error), addon_tests.tail(path))
    return outcome


def below_root(only: str) -> str:
    """A path as seen from the root, wherever the command was called; else as it is."""
    name, separator, test = only.partition("::")
    for path in (databases.ROOT / name, Path(name)):
        if not name.startswith("/") and path.exists():
            found = path.resolve().relative_to(databases.ROOT)
            return f"{found}{separator}{test}"
    if name.endswith(".py") and not name.startswith(("/", "-", "+")):
        raise SystemExit(f"--only {only}: no such file")
    return only


def stages(fast: bool, only: str | None) -> Iterator[Stage]:
    if only in (None, "lint"):
        yield "lint and types", lint.run
    if only == "lint":
        return
    yield f"database {addon_tests.DATABASE}", lambda: build_database(fast)
    if only is None or not pytests.is_target(only):
        yield "addon tests", lambda: addon_tests.run(only)
    if only is None or pytests.is_target(only):
        yield "tests/", lambda: pytests.run(only)


def run_stage(title: str, stage: Callable[[], Outcome]) -> Outcome:
    print(f"\n== {title}", flush=True)
    begun = time.monotonic()
    outcome = stage()
    print(*outcome.lines(), sep="\n", end="")
    print(f" ({time.monotonic() - begun:.0f} s)", flush=True)
    return outcome


def run_all(fast: bool, only: str | None) -> list[Outcome]:
    """Every stage, but no test on a database that could not be built."""
    outcomes: list[Outcome] = []
    for title, stage in stages(fast, only):
        outcomes.append(run_stage(title, stage))
        if outcomes[-1].title == "database" and outcomes[-1].failed:
            break
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(prog="setup/test", description=__doc__)
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--only")
    options = parser.parse_args()
    only = below_root(options.only) if options.only else None
    outcomes = run_all(options.fast, only)
    print(f"\n{count(outcomes)}")
    return 0 if is_good(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
