"""The tests in tests/, run by pytest: all addons together, a real browser, life cycle, benchmarks."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from databases import ROOT, STATE

from . import logs
from .outcome import Outcome

REPORT = STATE / "log" / "pytest.xml"
SERVER_LOGS = "server-*.log"


def clean() -> None:
    REPORT.unlink(missing_ok=True)
    for path in (STATE / "log").glob(SERVER_LOGS):
        path.unlink()


def add_case(outcome: Outcome, case: ET.Element) -> None:
    name = f"{case.get('classname')}::{case.get('name')}"
    bad = [e for tag in ("failure", "error") for e in case.findall(tag)]
    skip = case.find("skipped")
    for element in bad:
        outcome.fail(name, element.text or element.get("message") or "")
    if skip is not None:
        outcome.skip(name, skip.get("message") or "")
    elif not bad:
        outcome.passed += 1


def add_report(outcome: Outcome) -> None:
    if not REPORT.exists():
        outcome.fail("pytest wrote no report")
        return
    for case in ET.parse(REPORT).getroot().iter("testcase"):
        add_case(outcome, case)


def add_server_logs(outcome: Outcome) -> None:
    """What the Odoo servers of the tests have logged is held to the same list."""
    for path in sorted((STATE / "log").glob(SERVER_LOGS)):
        for record in logs.bad_records(logs.read(path), logs.allow_list()):
            outcome.fail(f"{path.name}: {record.level} {record.logger}", record.text)


def run(only: str | None) -> Outcome:
    outcome = Outcome("tests/")
    clean()
    target = [only] if only else []
    command = [sys.executable, "-m", "pytest", f"--junitxml={REPORT}", "-q", *target]
    ended = subprocess.run(command, cwd=ROOT, check=False)
    add_report(outcome)
    add_server_logs(outcome)
    if ended.returncode and not outcome.failed:
        outcome.fail(f"pytest ended with exit code {ended.returncode}")
    if not outcome.passed and not outcome.failed:
        outcome.fail("no test was run")
    return outcome


def is_target(only: str) -> bool:
    """Whether what was asked for is below tests/ (a path, or pytest's path::test)."""
    path = Path(only.partition("::")[0])
    return path.parts[:1] == ("tests",)
