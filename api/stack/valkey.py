"""The embedded server as a part among the others."""

import contextlib
import os
import signal
from pathlib import Path

from typing_extensions import override

from api.stack.errors import PartFailedError
from db.embedded_valkey import (
    AlreadyRunningError,
    EmbeddedValkey,
    ServerNotFoundError,
    ServerStartError,
)


class ValkeyChild(EmbeddedValkey):
    """The launcher with the handles that every part has."""

    name = "valkey"

    def __init__(self, directory: Path, *, append_only: bool) -> None:
        super().__init__(directory, append_only=append_only)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @override
    def start(self, *, timeout_seconds: float = 30.0) -> None:
        try:
            super().start(timeout_seconds=timeout_seconds)
        except (AlreadyRunningError, ServerNotFoundError, ServerStartError) as exc:
            raise PartFailedError(
                self.name, reason="did not start", log_path=self.log_path, tail=str(exc)
            ) from exc

    def kill(self) -> None:
        """Kill it as a crash would."""
        self.kill_group()
        if self._process is not None:
            self._process.wait()

    def kill_group(self) -> None:
        if self.is_alive() and self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def is_ready(self) -> bool:
        # `start` returns when it answers.
        return self.is_alive()

    def restart(self) -> None:
        self.stop()
        self.start()

    def failure(self, reason: str) -> PartFailedError:
        tail = self.log_path.read_text(errors="replace")[-2000:]
        return PartFailedError(
            self.name, reason=reason, log_path=self.log_path, tail=tail
        )
