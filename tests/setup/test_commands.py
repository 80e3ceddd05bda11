"""The commands in setup/ as a person at a terminal meets them, in a folder whose path
holds a blank and from another folder."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

import databases

STEP = """
source "{root}/setup/lib/common.sh"
begin
take_lock setup
end_leftovers
step "sleep" "$LOGS/sleep.log" "" sleep {seconds}
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A working copy with nothing but the commands in it."""
    root = tmp_path / "a path"
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(databases.ROOT / "setup", root / "setup", ignore=skip)
    return root


def call(
    root: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    name, *options = arguments
    env = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    return subprocess.run(
        [str(root / "setup" / name), *options],
        cwd="/",
        env=env | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def start_step(root: Path, seconds: int) -> subprocess.Popen[str]:
    script = STEP.format(root=root, seconds=seconds)
    return subprocess.Popen(
        ["bash", "-c", script], stderr=subprocess.PIPE, text=True, cwd="/"
    )


def sleepers(seconds: int) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[:2] == [b"sleep", str(seconds).encode()]:
            found.append(path.parent.name)
    return found


def wait_until(condition: object, seconds: float = 10) -> None:
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:  # type: ignore[operator]
        time.sleep(0.05)
    assert condition()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--port", "many"), "--port many is no port"),
        (("run", "--port"), "--port needs a value"),
        (("run", "--database", "a b"), "--database a b is no name for a database"),
        (("run", "--what"), "unknown option: --what"),
        (("test", "--only"), "--only needs a value"),
    ],
)
def test_wrong_options(copy: Path, arguments: tuple[str, ...], message: str) -> None:
    done = call(copy, *arguments)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize("name", ["run", "test"])
def test_help_changes_nothing(copy: Path, name: str) -> None:
    done = call(copy, name, "--help")
    assert done.returncode == 0
    assert f"setup/{name}:" in done.stdout
    assert not (copy / ".odoo").exists()


def test_a_port_in_use(copy: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        done = call(copy, "run", "--port", str(port))
    assert done.returncode == 1
    assert f"port {port} is in use" in done.stderr
    assert re.search(r"setup/run --port \d+", done.stderr)


def test_an_odoo_that_is_none(copy: Path) -> None:
    done = call(copy, "run", "--no-serve", ODOO_HOME="/usr/share")
    assert done.returncode == 1
    assert "ODOO_HOME=/usr/share holds no Odoo" in done.stderr


def test_a_python_that_does_not_fit(copy: Path) -> None:
    done = call(copy, "run", "--no-serve", PYTHON="/bin/true-not")
    assert done.returncode == 1
    assert "PYTHON=/bin/true-not is no Python 3.10 to 3.13" in done.stderr


def test_nothing_to_stop(copy: Path) -> None:
    done = call(copy, "run", "--stop")
    assert done.returncode == 0
    assert "No PostgreSQL of this repository is running" in done.stderr


def test_one_command_at_a_time(copy: Path) -> None:
    first = start_step(copy, 61)
    wait_until(lambda: sleepers(61))
    done = call(copy, "run", "--no-serve")
    first.terminate()
    first.wait()
    assert done.returncode == 1
    assert "another setup command is at work here" in done.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_step_leaves_no_process(copy: Path, how: signal.Signals) -> None:
    first = start_step(copy, 62)
    wait_until(lambda: sleepers(62))
    first.send_signal(how)
    assert first.wait(timeout=20) == 128 + how
    assert not sleepers(62)


def test_the_next_run_ends_what_a_killed_one_left(copy: Path) -> None:
    first = start_step(copy, 63)
    wait_until(lambda: sleepers(63))
    first.kill()
    first.wait()
    assert sleepers(63)
    done = start_step(copy, 0)
    assert done.wait(timeout=20) == 0
    assert not sleepers(63)
