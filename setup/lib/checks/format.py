"""Rewrites what the linters can put right by themselves."""

import os
import subprocess
import sys

from databases import ROOT

from . import lint


def commands() -> list[list[str]]:
    return [
        lint.module("ruff", "check", "--fix-only", "."),
        lint.module("ruff", "format", "."),
        lint.node("prettier/bin/prettier.cjs", "--write", *lint.pretty_files()),
    ]


def main() -> int:
    environment = {**os.environ, "NODE_PATH": str(lint.NODE_MODULES)}
    done = [
        subprocess.run(command, cwd=ROOT, env=environment, check=False)
        for command in commands()
    ]
    return max(process.returncode for process in done)


if __name__ == "__main__":
    sys.exit(main())
