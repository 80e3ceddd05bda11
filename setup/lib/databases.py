"""Makes, updates, copies and drops the databases of the setup commands, and never touches one that it did not make.

Every database made here carries a mark: its comment, a JSON text that names the working copy which made it. A database
is built under the name `<name>_part` and renamed when it is complete, so that half a database is never served.
The server is the one that PGHOST, PGPORT, PGUSER and PGPASSWORD name.
"""

import argparse
import ast
import hashlib
import importlib.metadata
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg2
from psycopg2.extensions import quote_ident

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".odoo"
DATA = STATE / "data"
CONF = STATE / "odoo.conf"
MARK = "Made by the setup of CRM Relationship: "
HELPDESK = "helpdesk_mgmt"
NOT_CODE = {"__pycache__", "tests", "readme", "description"}


class SetupError(Exception):
    """What went wrong, in words for the person at the terminal."""


# --------------------------------------------------------------------- SQL


@contextmanager
def connect(database: str = "postgres") -> Iterator[Any]:
    """A cursor that commits every statement by itself (CREATE DATABASE needs that)."""
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def execute(statement: str, *names: str) -> None:
    """Run a statement on the server with database names in it, each quoted."""
    with connect() as cursor:
        cursor.execute(statement.format(*(quote_ident(n, cursor) for n in names)))


def query(database: str, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
    with connect(database) as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def exists(name: str) -> bool:
    return bool(
        query("postgres", "SELECT 1 FROM pg_database WHERE datname = %s", (name,))
    )


# -------------------------------------------------------------------- marks


def working_copy() -> str:
    """The random name of this working copy, made once."""
    path = STATE / "id"
    if not path.exists():
        path.write_text(secrets.token_hex(8))
    return path.read_text().strip()


def read_mark(name: str) -> dict[str, Any] | None:
    """The mark of a database that this working copy made; None for any other."""
    rows = query(
        "postgres",
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
        (name,),
    )
    comment = rows[0][0] if rows else None
    if not comment or not comment.startswith(MARK):
        return None
    mark: dict[str, Any] = json.loads(comment.removeprefix(MARK))
    return mark if mark.get("id") == working_copy() else None


def write_mark(name: str, **facts: Any) -> None:
    text = MARK + json.dumps({"id": working_copy(), **facts})
    with connect() as cursor:
        cursor.execute(
            f"COMMENT ON DATABASE {quote_ident(name, cursor)} IS %s", (text,)
        )


def is_empty(name: str) -> bool:
    """True for a database without a table: what a kill between making and marking leaves behind."""
    return not query(
        name, "SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1"
    )


# ----------------------------------------------------------- stamps of addons


def addons() -> list[str]:
    """The addons of the suite: the folders at the root that hold a manifest."""
    return sorted(p.parent.name for p in ROOT.glob("*/__manifest__.py"))


def code_files(addon: str) -> list[Path]:
    files = (p for p in (ROOT / addon).rglob("*") if p.is_file())
    return sorted(
        p for p in files if not NOT_CODE.intersection(p.relative_to(ROOT).parts)
    )


def stamp(addon: str) -> str:
    """A fingerprint of what an update of the addon would load."""
    digest = hashlib.sha256()
    for path in code_files(addon):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def stamps(modules: Iterable[str]) -> dict[str, str]:
    """The state of each module: the fingerprint of ours, the version of the OCA addon
    that they stand on, nothing for Odoo's own."""
    found = {name: stamp(name) if (ROOT / name).is_dir() else "" for name in modules}
    return {**found, HELPDESK: importlib.metadata.version(f"odoo-addon-{HELPDESK}")}


def manifest(addon: str) -> dict[str, Any]:
    text = (ROOT / addon / "__manifest__.py").read_text(encoding="utf-8")
    found: dict[str, Any] = ast.literal_eval(text)
    return found


def foundations(names: Iterable[str]) -> list[str]:
    """What these addons of ours depend on and is not ours: Odoo's modules, OCA's."""
    wanted = {other for name in names for other in manifest(name)["depends"]}
    return sorted(wanted.difference(addons()))


# ------------------------------------------------------------------- actions


def run_odoo(*arguments: str, log: IO[str] | None = None) -> None:
    """Odoo's command line, its log in a file or on our output. Raises when it fails."""
    command = [sys.executable, "-m", "odoo", "-c", str(CONF), *arguments]
    error_log = subprocess.STDOUT if log else None
    if subprocess.run(command, check=False, stdout=log, stderr=error_log).returncode:
        raise SetupError("Odoo ended with an error: " + " ".join(arguments))


def run_once(*arguments: str, log: IO[str] | None = None) -> None:
    run_odoo(*arguments, "--stop-after-init", "--no-http", log=log)


def create(name: str) -> None:
    """An empty, marked database as Odoo itself makes them."""
    execute(
        "CREATE DATABASE {} ENCODING 'unicode' LC_COLLATE 'C' TEMPLATE template0", name
    )
    write_mark(name, part=True)
    with connect(name) as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")


def drop(name: str) -> None:
    """Drop a database that this working copy made, with its files. Nothing happens if there is none."""
    if exists(name):
        if read_mark(name) is None and not (name.endswith("_part") and is_empty(name)):
            raise SetupError(
                f"the database {name} was not made here: it stays as it is"
            )
        execute("DROP DATABASE {} WITH (FORCE)", name)
    shutil.rmtree(DATA / "filestore" / name, ignore_errors=True)


def rename(old: str, new: str) -> None:
    """The files first: until the database has its name, the next run starts over."""
    shutil.rmtree(DATA / "filestore" / new, ignore_errors=True)
    if (DATA / "filestore" / old).is_dir():
        (DATA / "filestore" / old).rename(DATA / "filestore" / new)
    execute("ALTER DATABASE {} RENAME TO {}", old, new)


def build(
    name: str,
    modules: list[str],
    demo: bool = False,
    log: IO[str] | None = None,
    base: str | None = None,
) -> None:
    """Make a database with these modules installed, on a copy of `base` if one is named.

    Its name must be free.
    """
    part, before = f"{name}_part", stamps(modules)
    drop(part)
    if base:
        copy(base, part)
    else:
        create(part)
    option = ["--with-demo"] if demo else []
    run_once("-d", part, "-i", ",".join(modules), *option, log=log)
    write_mark(part, demo=demo, modules=before)
    rename(part, name)


def update(name: str, modules: list[str], log: IO[str] | None = None) -> None:
    """Install what the tree has new and update what has changed since the last time."""
    mark, now = read_mark(name), stamps(modules)
    if mark is None:
        raise SetupError(f"the database {name} was not made here: it stays as it is")
    changed = [key for key, value in now.items() if mark["modules"].get(key) != value]
    if changed:
        run_once("-d", name, "-i", ",".join(now), "-u", ",".join(changed), log=log)
    write_mark(name, demo=mark["demo"], modules=now)


def ensure(
    name: str,
    modules: list[str],
    demo: bool = False,
    log: IO[str] | None = None,
    base: str | None = None,
) -> None:
    """Build, update or leave a database alone, whatever it needs."""
    found = state(name, modules)
    if found == "foreign":
        raise SetupError(f"the database {name} exists and was not made here")
    if found == "absent":
        build(name, modules, demo, log, base)
    elif found == "outdated":
        update(name, modules, log)


def copy(source: str, target: str) -> None:
    """A copy of a database and its files, made within seconds; replaces an earlier copy."""
    mark = read_mark(source)
    if mark is None:
        raise SetupError(f"the database {source} was not made here")
    drop(target)
    execute("CREATE DATABASE {} TEMPLATE {}", target, source)
    write_mark(target, **{key: value for key, value in mark.items() if key != "id"})
    if (DATA / "filestore" / source).is_dir():
        shutil.copytree(DATA / "filestore" / source, DATA / "filestore" / target)


def set_url(name: str, url: str) -> None:
    """Point links in mails and the PDF printer at the running server. Writes only what differs."""
    for key in ("web.base.url", "report.url"):
        with connect(name) as cursor:
            cursor.execute(
                "INSERT INTO ir_config_parameter (key, value, create_uid, write_uid, create_date, write_date)"
                " VALUES (%s, %s, 1, 1, now(), now()) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
                " WHERE ir_config_parameter.value IS DISTINCT FROM excluded.value",
                (key, url),
            )


# ------------------------------------------------------------------ questions


def state(name: str, modules: list[str]) -> str:
    """absent, foreign (not made here), outdated (the tree has changed), or ready."""
    if not exists(name):
        return "absent"
    mark = read_mark(name)
    if mark is None or "modules" not in mark:
        return "foreign"
    return "ready" if mark["modules"] == stamps(modules) else "outdated"


def own(prefix: str) -> list[str]:
    """The databases that this working copy made, by the beginning of their name."""
    rows = query("postgres", "SELECT datname FROM pg_database ORDER BY datname")
    return [name for (name,) in rows if name.startswith(prefix) and read_mark(name)]


def logins(name: str) -> list[tuple[str, str]]:
    """Who can log in: the administrator and the users of the suite's demo data (their password is their login)."""
    rows = query(
        name,
        "SELECT DISTINCT u.login, p.name, u.share, u.id FROM res_users u JOIN res_partner p ON p.id = u.partner_id"
        " JOIN ir_model_data d ON d.model = 'res.users' AND d.res_id = u.id"
        " WHERE u.active AND (d.module LIKE 'crm_relationship%%' OR (d.module, d.name) = ('base', 'user_admin'))"
        " ORDER BY u.share, u.id",
    )
    return [
        (login, f"{title} ({'portal' if share else 'web client'})")
        for login, title, share, _id in rows
    ]


def check() -> None:
    """Raise unless the server answers, is new enough and lets us make databases."""
    user = os.environ.get("PGUSER") or "the current user"
    place = f"{os.environ.get('PGHOST') or 'the local socket'}:{os.environ.get('PGPORT') or 5432}"
    try:
        with connect() as cursor:
            version: int = cursor.connection.server_version
            cursor.execute(
                "SELECT rolname, rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            )
            role, may_create = cursor.fetchone()
    except psycopg2.OperationalError as error:
        raise SetupError(
            f"no answer from PostgreSQL at {place} as {user}: {error}".replace(
                "\n", " "
            )
        ) from None
    if version < 130000:
        raise SetupError(f"PostgreSQL at {place} is older than 13")
    if role == "postgres":
        raise SetupError(
            "Odoo refuses to work as the database user postgres: make another role with LOGIN and CREATEDB"
        )
    if not may_create:
        raise SetupError(
            f"the database user {role} may not make databases: ALTER ROLE {role} CREATEDB"
        )


def others() -> bool:
    """Whether anyone else is connected to the server."""
    statement = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    return bool(query("postgres", statement))


# --------------------------------------------------------------- command line


def name_of(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,50}", text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no name for a database (letters, digits, - _ . and at most 51)"
        )
    return text


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in ("check", "others"):
        commands.add_parser(command)
    for command in ("state", "has-demo", "build", "update", "drop", "logins"):
        commands.add_parser(command).add_argument("name", type=name_of)
    commands.choices["build"].add_argument("--demo", action="store_true")
    url = commands.add_parser("set-url")
    url.add_argument("name", type=name_of)
    url.add_argument("url")
    return parser.parse_args(arguments)


def tell_logins(name: str) -> None:
    for login, title in logins(name):
        print(f"  {login:<14} {title}")


def has_demo(name: str) -> bool:
    return bool((read_mark(name) or {}).get("demo"))


COMMANDS: dict[str, Callable[[argparse.Namespace], object]] = {
    "check": lambda _options: check(),
    "others": lambda _options: others(),
    "state": lambda options: print(state(options.name, addons())),
    "has-demo": lambda options: has_demo(options.name),
    "build": lambda options: build(options.name, addons(), options.demo),
    "update": lambda options: update(options.name, addons()),
    "drop": lambda options: drop(options.name),
    "set-url": lambda options: set_url(options.name, options.url),
    "logins": lambda options: tell_logins(options.name),
}


def main() -> int:
    """Carry out one command. A "no" to a question is exit code 1 without a message."""
    options = parse(sys.argv[1:])
    try:
        return 1 if COMMANDS[options.command](options) is False else 0
    except (SetupError, psycopg2.Error) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
