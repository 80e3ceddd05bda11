"""One Odoo to command: a Python that has it, and a configuration file."""

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from databases import CONF, ROOT, STATE

LOGS = STATE / "log"
# Whether what takes longest is shortened, for a machine that has to be done in time.
SHORT = os.environ.get("SUITE_SHORT") == "1"
SHELL = """
import json
values = json.loads({values!r})
result = None
{code}
env.cr.commit()
with open({answer!r}, "w") as file:
    json.dump(result, file, default=str)
"""


class OdooError(Exception):
    """Odoo ended with an error; the message holds the end of its log."""


@dataclass(frozen=True)
class Installation:
    python: Path = Path(sys.executable)
    conf: Path = CONF
    log: Path = field(default=LOGS / "odoo-commands.log")

    def command(self, *arguments: str) -> list[str]:
        return [str(self.python), "-m", "odoo", *arguments]

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Run Odoo's command line; gives the log of this run."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        with self.log.open("a") as file:
            file.write(done.stdout)
        if done.returncode:
            raise OdooError(
                f"{arguments}: exit code {done.returncode}\n{tail(done.stdout)}"
            )
        return done.stdout

    def batch(self, database: str, *arguments: str) -> str:
        """One command on a database that ends by itself: -i, -u and the like."""
        place = ("-c", str(self.conf), "-d", database)
        return self.run(*place, *arguments, "--stop-after-init", "--no-http")

    def shell(self, database: str, code: str, **values: Any) -> Any:
        """Run code with `env` and `values` in a process of its own, commit, and give
        what it leaves in `result` (as JSON carries it)."""
        answer = LOGS / "shell-answer.json"
        answer.unlink(missing_ok=True)
        lines = SHELL.format(
            values=json.dumps(values), code=textwrap.dedent(code), answer=str(answer)
        )
        log = self.run("shell", "-c", str(self.conf), "-d", database, stdin=lines)
        if not answer.exists():
            raise OdooError(f"the code has failed:\n{tail(log)}")
        return json.loads(answer.read_text())


def tail(text: str, lines: int = 40) -> str:
    return "\n".join(text.splitlines()[-lines:])
