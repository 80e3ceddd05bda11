"""The tests of the addons that the suite stands on, run in a database, and what became of them."""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from checks import addon_tests, logs
from checks.outcome import Outcome

from .installation import LOGS, Installation

RUNNER = Path(__file__).with_name("all_positions.py")
# "crm.tests.test_lead:TestLead.test_x", and "…:setUpClass (odoo.addons.crm.tests.test_lead.TestLead)"
TEST = re.compile(r"^(?P<addon>\w+)\.tests\.[\w.]+:(?P<test>\w+\.\w+)")
CLASS = re.compile(
    r"\((?:odoo\.addons\.)?(?P<addon>\w+)\.tests\.[\w.]+\.(?P<test>\w+)\)"
)


def run(odoo: Installation, database: str, tags: Iterable[str]) -> Outcome:
    """Run the tests of both positions with all installed addons loaded."""
    log = LOGS / f"upstream-{database}.log"
    place = ("-c", str(odoo.conf), "-d", database, "--stop-after-init")
    options = (
        "--http-port",
        str(addon_tests.free_port()),
        "--test-tags",
        ",".join(tags),
    )
    with log.open("w") as file:
        command = [sys.executable, str(RUNNER), *place, *options]
        done = subprocess.run(
            command, stdout=file, stderr=subprocess.STDOUT, check=False
        )
    outcome = Outcome(f"tests of other addons in {database}")
    addon_tests.add_tests(outcome, logs.read(log))
    if done.returncode and not outcome.failed:
        outcome.fail(f"Odoo ended with {done.returncode}", addon_tests.tail(log))
    return outcome


def failures(outcome: Outcome) -> dict[str, str]:
    """tag of a test -> the text of its failure; a test fails once, however many of its subtests do."""
    return {to_tag(name): text for name, text in reversed(outcome.failed)}


def to_tag(name: str) -> str:
    """What --test-tags calls the test of a name in the log.

    >>> to_tag("crm.tests.test_lead:TestLead.test_x (number=1)")
    '/crm:TestLead.test_x'
    >>> to_tag("odoo.tests.result:setUpClass (odoo.addons.crm.tests.test_lead.TestLead)")
    '/crm:TestLead'
    """
    match = CLASS.search(name) or TEST.match(name)
    return f"/{match['addon']}:{match['test']}" if match else name
