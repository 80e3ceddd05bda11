"""What an administrator does with the addons in an Odoo that is already at work: install
the wheels, update, uninstall. Afterwards the database is as it was before."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import databases
from checks import logs
from support.installation import LOGS, Installation
from support.snapshot import broken_views, orphans, snapshot

ADDONS = databases.addons()
TARGETS = [[name] for name in ADDONS] + ([ADDONS] if len(ADDONS) > 1 else [])


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One wheel per addon, built from copies so that the working tree stays clean."""
    folder = tmp_path_factory.mktemp("wheels")
    for name in ADDONS:
        source = folder / "source" / name
        shutil.copytree(databases.ROOT / name, source)
        command = ["build", "--wheel", "--no-isolation", "--outdir", str(folder)]
        run(sys.executable, "-m", *command, str(source))
    return sorted(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def clean(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A Python environment with Odoo's requirements and our wheels, and a configuration
    that knows no folder of addons: an Odoo as an administrator has it."""
    folder = tmp_path_factory.mktemp("clean")
    python = folder / "venv" / "bin" / "python"
    run(sys.executable, "-m", "venv", str(folder / "venv"))
    requirements = databases.ROOT / "setup" / "requirements.txt"
    run(str(python), "-m", "pip", "install", "-q", "-r", str(requirements))
    link_odoo(python)
    helpdesk = databases.stamps([])[databases.HELPDESK]
    pinned = f"odoo-addon-{databases.HELPDESK}=={helpdesk}"
    files = [str(wheel) for wheel in wheels]
    run(str(python), "-m", "pip", "install", "-q", "--no-deps", pinned, *files)
    conf = folder / "odoo.conf"
    conf.write_text(configuration())
    return Installation(python, conf, LOGS / "lifecycle.log")


def configuration() -> str:
    """Ours, without the folder of the working copy among the folders of addons."""
    text = databases.CONF.read_text()
    for own in (f"addons_path = {databases.ROOT}\n", f"{databases.ROOT},"):
        text = text.replace(own, "")
    return text


def link_odoo(python: Path) -> None:
    """Let the clean environment find the same Odoo as ours."""
    ours = next(Path(sys.prefix).glob("lib/*/site-packages/odoo_home.pth"))
    theirs = next(python.parents[1].glob("lib/*/site-packages"))
    shutil.copy(ours, theirs)


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(params=[False, True], ids=["without-demo", "with-demo"])
def demo(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(params=TARGETS, ids="+".join)
def target(request: pytest.FixtureRequest) -> list[str]:
    names: list[str] = request.param
    return names


@pytest.fixture
def working_database(
    demo: bool,
    base_database: Callable[[bool], str],
    copy_database: Callable[[str, str], str],
) -> str:
    """A database that works with all that the addons stand on, without them."""
    return copy_database(base_database(demo), "lifecycle")


def clean_log(log: str) -> None:
    """Nothing bad in a log, and no warning at all that concerns the addons."""
    found = list(logs.records(log.splitlines()))
    bad = logs.bad_records(found, logs.allow_list())
    assert not bad, "\n".join(str(record) for record in bad)


def install(odoo: Installation, database: str, names: list[str]) -> None:
    clean_log(odoo.batch(database, "-i", ",".join(names)))
    rows = databases.query(
        database,
        "SELECT name FROM ir_module_module WHERE state = 'installed' AND name = ANY(%s)",
        (names,),
    )
    assert sorted(name for (name,) in rows) == sorted(names)


def uninstall(odoo: Installation, database: str, names: list[str]) -> None:
    place = ("-c", str(odoo.conf), "-d", database)
    clean_log(odoo.run("module", "uninstall", *place, *names))


def test_install_update_uninstall(
    clean: Installation, target: list[str], working_database: str
) -> None:
    """The whole life of the addons in a database that was at work before."""
    requisites = [name for name in needed(target) if name not in target]
    if requisites:
        install(clean, working_database, requisites)
    before = snapshot(working_database)

    install(clean, working_database, target)
    installed = snapshot(working_database)
    assert broken_views(clean, working_database) == []

    clean_log(clean.batch(working_database, "-u", ",".join(target)))
    updated = snapshot(working_database)
    assert updated.minus(installed) == {}, "an update adds something"
    assert installed.minus(updated) == {}, "an update loses something"

    uninstall(clean, working_database, target)
    after = snapshot(working_database)
    assert after.minus(before) == {}, "left behind"
    assert before.minus(after) == {}, "taken away"
    assert orphans(working_database) == []
    clean_log(clean.batch(working_database))
    assert broken_views(clean, working_database) == []


def needed(names: list[str]) -> list[str]:
    """The addons of the suite that these stand on, themselves included."""
    direct = {o for n in names for o in databases.manifest(n)["depends"] if o in ADDONS}
    return sorted(set(names) | (set(needed(sorted(direct))) if direct else set()))
