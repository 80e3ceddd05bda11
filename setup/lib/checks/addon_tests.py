"""The addons' own tests, run by Odoo's own runner on a freshly built database."""

import os
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import databases
from databases import CONF, ROOT, STATE, addons

from . import logs
from .outcome import Outcome

DATABASE = "crm_relationship_test"
PROCESSES = min(2, os.cpu_count() or 1)
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


def tags(only: str) -> str:
    """Odoo's --test-tags: one test file, one addon, or what was asked for."""
    path = Path(only)
    if path.suffix == ".py":
        return f"/{path}"
    return f"/{path.parts[0]}" if (ROOT / only).is_dir() else only


def shares(only: str | None) -> list[str]:
    """Odoo's --test-tags of each process: all test files dealt out by size, or what was asked for."""
    if only:
        return [tags(only)]
    files = [path for name in addons() for path in ROOT.glob(f"{name}/tests/test_*.py")]
    files.sort(key=lambda path: (path.stat().st_size, path.name))
    names = [f"/{path.relative_to(ROOT)}" for path in files]
    return [",".join(names[number::PROCESSES]) for number in range(PROCESSES)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def command(database: str, test_tags: str) -> list[str]:
    """An update of our addons with tests: so tests of the install stage run as well."""
    options = ["-c", str(CONF), "-d", database, "--http-port", str(free_port())]
    screenshots = ["--screenshots", str(STATE / "log" / "screenshots")]
    test = ["-u", ",".join(addons()), "--test-tags", test_tags, "--stop-after-init"]
    return [sys.executable, "-m", "odoo", *options, *screenshots, *test]


def run_share(database: str, test_tags: str) -> tuple[int, Path]:
    """Odoo's exit code, and its log."""
    path = STATE / "log" / f"addon-tests-{database}.log"
    with path.open("w") as file:
        ended = subprocess.run(
            command(database, test_tags),
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return ended.returncode, path


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


def run(only: str | None) -> Outcome:
    """Run the tests, each process on a database of its own. Odoo's exit codes must agree with what the logs say."""
    outcome = Outcome("addon tests")
    parts = shares(only)
    copies = [f"{DATABASE}_share_{number}" for number in range(2, len(parts) + 1)]
    for name in copies:
        databases.copy(DATABASE, name)
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(run_share, [DATABASE, *copies], parts))
    for name in copies:
        databases.drop(name)
    found = []
    for part, (code, path) in zip(parts, results, strict=True):
        records = logs.read(path)
        found += records
        if not any(STARTED.match(record.text) for record in records):
            outcome.fail(f"no test of {part} was run", tail(path))
        elif code and not any(FAILED.match(record.text) for record in records):
            outcome.fail(f"Odoo ended with exit code {code}", tail(path))
    add_tests(outcome, found)
    add_log(outcome, found)
    return outcome


def tail(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-20:])
