"""One child process: started, watched and ended with everything it has begotten."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from api.stack.errors import NotReadyError, PartFailedError
from db.embedded_valkey import TIE_AND_EXEC

POLL_SECONDS = 0.02
MAX_LOG_BYTES = 16 * 1024 * 1024
TAIL_BYTES = 4000
TAIL_LINES = 20
# The package's parent: children import the same code from whatever folder we run in.
ROOT = Path(__file__).resolve().parents[2]


class Child:
    """A process in a session of its own, so that Ctrl-C reaches us alone.

    On Linux it gets SIGTERM when the thread that started it dies.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        log_path: Path,
        is_ready: Callable[[int], bool] = lambda _: True,
        stop_seconds: float = 20.0,
    ) -> None:
        self.name = name
        self.command = tuple(command)
        self.log_path = log_path
        self.stop_seconds = stop_seconds
        self._environment = dict(environment)
        self._is_ready = is_ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The running process' id; it survives the process until the next start."""
        return self._process.pid if self._process else None

    @property
    def returncode(self) -> int | None:
        return self._process.poll() if self._process else None

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def is_ready(self) -> bool:
        return self.is_alive() and self._is_ready(self._process_id())

    def start(self) -> None:
        """Return at once; `wait_until_ready` tells when it is of use."""
        self._end_remains()
        self.log_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._rotate_log()
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                _tied_to_us(self.command),
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self, *, timeout_seconds: float) -> None:
        end = time.monotonic() + timeout_seconds
        while not self.is_ready():
            if not self.is_alive():
                raise self.failure(f"ended with code {self.returncode}")
            if time.monotonic() > end:
                reason = f"was not ready within {timeout_seconds:.0f} s"
                raise NotReadyError(
                    self.name,
                    reason=reason,
                    log_path=self.log_path,
                    tail=self.log_tail(),
                )
            time.sleep(POLL_SECONDS)

    def wait(self, *, timeout_seconds: float) -> int:
        """Return the exit code of a process that ends by itself."""
        if self._process is None:
            return 0
        return self._process.wait(timeout_seconds)

    def ask_to_stop(self) -> None:
        if self.is_alive():
            self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """Ask, wait, and insist."""
        if self._process is None:
            return
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(self.stop_seconds)
        self._end_remains()

    def kill(self) -> None:
        """Kill the process itself, as a crash would: its children are left behind."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def kill_group(self) -> None:
        """Kill the process and all it has begotten, without waiting."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def failure(self, reason: str) -> PartFailedError:
        """Return an error that shows the end of the log."""
        return PartFailedError(
            self.name, reason=reason, log_path=self.log_path, tail=self.log_tail()
        )

    def log_tail(self) -> str:
        try:
            with self.log_path.open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - TAIL_BYTES))
                lines = log.read().decode(errors="replace").splitlines()
        except FileNotFoundError:
            return "(no log)"
        return "\n".join(lines[-TAIL_LINES:])

    def _process_id(self) -> int:
        return self._process.pid if self._process else 0

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def _end_remains(self) -> None:
        """Kill what is left of the session; its leader may be long gone."""
        self.kill_group()
        if self._process is not None:
            self._process.wait()

    def _rotate_log(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            if self.log_path.stat().st_size > MAX_LOG_BYTES:
                self.log_path.replace(self.log_path.with_suffix(".log.1"))


def _tied_to_us(command: Sequence[str]) -> list[str]:
    if sys.platform != "linux":
        return list(command)
    tie = [sys.executable, "-I", "-S", "-c", TIE_AND_EXEC]
    return [*tie, str(int(signal.SIGTERM)), str(os.getpid()), *command]
