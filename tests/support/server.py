"""A served Odoo, and the ways to talk to it."""

import os
import re
import signal
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from checks.addon_tests import free_port

from . import inprocess
from .installation import LOGS, Installation

START_SECONDS = 180


@dataclass(frozen=True)
class Rpc:
    """One user's remote calls, over XML-RPC."""

    url: str
    database: str
    login: str
    password: str

    def proxy(self, service: str) -> xmlrpc.client.ServerProxy:
        address = f"{self.url}/xmlrpc/2/{service}"
        return xmlrpc.client.ServerProxy(address, allow_none=True)

    @property
    def uid(self) -> Any:
        common = self.proxy("common")
        return common.authenticate(self.database, self.login, self.password, {})

    def __call__(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method: `rpc("res.partner", "write", [7], {"name": "x"})`."""
        who = (self.database, self.uid, self.password)
        return self.proxy("object").execute_kw(*who, model, method, list(args), kwargs)


@dataclass(frozen=True)
class Json2:
    """One user's calls to the JSON-2 interface, with an API key."""

    url: str
    database: str
    key: str

    def __call__(self, model: str, method: str, **arguments: Any) -> requests.Response:
        headers = {
            "Authorization": f"bearer {self.key}",
            "X-Odoo-Database": self.database,
        }
        address = f"{self.url}/json/2/{model}/{method}"
        return requests.post(address, json=arguments, headers=headers, timeout=60)


class Session:
    """A visitor of web pages; paths are relative to the server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()

    @property
    def cookies(self) -> dict[str, str]:
        return {c.name: c.value for c in self.http.cookies if c.value}

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.http.get(self.url + path, **{"timeout": 60, **options})

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.http.post(self.url + path, **{"timeout": 60, **options})

    def csrf_token(self, path: str = "/web/login") -> str:
        found = re.search(r'csrf_token: "([^"]+)"', self.get(path).text)
        assert found, f"no csrf token on {path}"
        return found[1]

    def submit(self, path: str, **fields: Any) -> requests.Response:
        """Post a form with the token that a page of this session carries."""
        return self.post(path, data={"csrf_token": self.csrf_token(), **fields})

    def ask(self, path: str, **params: Any) -> Any:
        """What the web client gets from this address."""
        request = {"jsonrpc": "2.0", "method": "call", "params": params}
        answer = self.post(path, json=request).json()
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer.get("result")

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method as the web client does, without a check of the password each time."""
        what = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.ask(f"/web/dataset/call_kw/{model}/{method}", **what)


class Server:
    """Odoo served on a port of its own: url, database, and ways in."""

    def __init__(self, installation: Installation, database: str) -> None:
        self.installation = installation
        self.database = database
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = LOGS / f"server-{database}.log"
        self._process: subprocess.Popen[bytes] | None = None

    # ------------------------------------------------------------ start, stop

    def start(self) -> None:
        place = ("-c", str(self.installation.conf), "-d", self.database)
        options = ("--http-port", str(self.port), "--db-filter", f"^{self.database}$")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.installation.command(*place, *options, "--max-cron-threads", "0"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def _wait(self) -> None:
        """Until the first page has come, so that later ones are quick."""
        assert self._process
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            if self._process.poll() is not None:
                break
            try:
                requests.get(f"{self.url}/web/login", timeout=60).raise_for_status()
                return
            except requests.ConnectionError:
                time.sleep(0.2)
        raise RuntimeError(f"Odoo does not answer at {self.url}; log: {self.log}")

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()

    # ------------------------------------------------------------------- ways

    def rpc(self, login: str, password: str | None = None) -> Rpc:
        """Remote calls as this user; the password is the login unless given."""
        return Rpc(self.url, self.database, login, password or login)

    def json2(self, login: str) -> Json2:
        """JSON-2 calls as this user, with an API key made for it."""
        with self.env() as env:
            user = env["res.users"].search([("login", "=", login)])
            keys = env(user=user)["res.users.apikeys"].sudo()
            key = keys._generate(None, "test", None)
        return Json2(self.url, self.database, key)

    def session(self, login: str, password: str | None = None) -> Session:
        """A visitor of web pages who has logged in through the form."""
        session = Session(self.url)
        done = session.submit("/web/login", login=login, password=password or login)
        assert "/web/login" not in done.url, f"cannot log in as {login}"
        return session

    def visitor(self) -> Session:
        """A visitor of web pages who has not logged in."""
        return Session(self.url)

    @contextmanager
    def env(self) -> Iterator[Any]:
        """Odoo's environment in this process, as superuser; what is done in it is
        committed, so that the server sees it."""
        with inprocess.environment(self.database) as env:
            yield env
            env.cr.commit()

    def shell(self, code: str, **values: Any) -> Any:
        """Code in a process of its own: see Installation.shell."""
        return self.installation.shell(self.database, code, **values)


def chromium() -> str:
    """The browser that setup/test has found, else Debian's."""
    return os.environ.get("CHROMIUM", "/usr/bin/chromium")
