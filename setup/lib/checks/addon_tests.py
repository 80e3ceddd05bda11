"""The addons' own tests, run by Odoo's own runner on a freshly built database."""

import re
import subprocess
import sys
from pathlib import Path
from typing import IO

import databases
from databases import CONF, ROOT, STATE, addons

from . import logs
from .outcome import Outcome

DATABASE = "crm_relationship_test"
STARTED = re.compile(r"Starting (\S+) \.\.\.")
SKIPPED = re.compile(r"skipped (.+?) : (.*)", re.DOTALL)
FAILED = re.compile(r"(?:FAIL|ERROR): (?:Subtest )?([^\n]+)(.*)", re.DOTALL)


def ensure_database(fast: bool, log: IO[str]) -> None:
    """The database with our addons and no demo data: built anew unless fast.

    What our addons stand on is installed first, in a database that tests/ uses as well.
    """
    if not fast:
        for name in databases.own(DATABASE):
            databases.drop(name)
    base = f"{DATABASE}_base"
    databases.ensure(base, databases.foundations(addons()), log=log)
    databases.ensure(DATABASE, addons(), log=log, base=base)


def tags(only: str | None) -> str:
    """Odoo's --test-tags: all our addons, one test file, or what was asked for."""
    if only is None:
        return ",".join(f"/{name}" for name in addons())
    path = Path(only)
    if path.suffix == ".py":
        return f"/{path}"
    return f"/{path.parts[0]}" if (ROOT / only).is_dir() else only


def command(only: str | None, port: int) -> list[str]:
    """An update of our addons with tests: so tests of the install stage run as well."""
    options = ["-c", str(CONF), "-d", DATABASE, "--http-port", str(port)]
    screenshots = ["--screenshots", str(STATE / "log" / "screenshots")]
    test = ["-u", ",".join(addons()), "--test-tags", tags(only), "--stop-after-init"]
    return [sys.executable, "-m", "odoo", *options, *screenshots, *test]


def test_name(record: logs.Record, description: str) -> str:
    return f"{record.logger.removeprefix('odoo.addons.')}:{description}"


def add_tests(outcome: Outcome, found: list[logs.Record]) -> None:
    """Count every test that was started, by what the log says became of it."""
    started, ended_badly = set(), set()
    for record in found:
        if match := STARTED.match(record.text):
            started.add(test_name(record, match[1]))
        elif match := SKIPPED.match(record.text):
            outcome.skip(test_name(record, match[1]), match[2])
            ended_badly.add(test_name(record, match[1]))
        elif record.level == "ERROR" and (match := FAILED.match(record.text)):
            outcome.fail(test_name(record, match[1]), match[2])
            ended_badly.add(test_name(record, match[1].split(" ")[0]))
    outcome.passed += len(started - ended_badly)


def add_log(outcome: Outcome, found: list[logs.Record]) -> None:
    for record in logs.bad_records(found, logs.allow_list()):
        outcome.fail(f"log: {record.level} {record.logger}", record.text)
    outcome.notes.append(
        f"{logs.foreign_warnings(found)} warnings of other addons in the log"
    )


def run(only: str | None, port: int) -> Outcome:
    """Run the tests. Odoo's exit code must agree with what the log says."""
    outcome = Outcome("addon tests")
    path = STATE / "log" / "addon-tests.log"
    with path.open("w") as file:
        ended = subprocess.run(
            command(only, port), stdout=file, stderr=subprocess.STDOUT, check=False
        )
    found = logs.read(path)
    add_tests(outcome, found)
    add_log(outcome, found)
    if ended.returncode and not outcome.failed:
        outcome.fail(f"Odoo ended with exit code {ended.returncode}", tail(path))
    if not outcome.passed and not outcome.failed:
        outcome.fail("no test was run", f"--test-tags {tags(only)}; log: {path}")
    return outcome


def tail(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-20:])
