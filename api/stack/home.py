"""What a stack keeps in its home beside the parts' own files."""

import contextlib
import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from api.stack.errors import AlreadyUpError
from db.contracts.settings import Settings


@dataclass(frozen=True, slots=True)
class StackFacts:
    """A stack that works in a home."""

    pid: int
    url: str


def find_stack(home: Path) -> StackFacts | None:
    """Return the stack that works there, without locking: one may be starting."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        facts = json.loads((home / "run" / "stack.json").read_text())
        # One that was killed leaves its facts behind.
        if psutil.pid_exists(pid := int(facts["pid"])):
            return StackFacts(pid, str(facts["url"]))
    return None


class HomeLock:
    """At most one stack a home. The system frees it, however the holder ends."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = home / "run" / "stack.json"
        self._descriptor: int | None = None

    def acquire(self) -> Self:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            os.close(descriptor)
            facts = self._read()
            raise AlreadyUpError(
                self._home, pid=facts.get("pid"), url=str(facts.get("url", ""))
            ) from exc
        self._descriptor = descriptor
        return self

    def tell(self, **facts: str | int) -> None:
        """Write down what a second stack, or a person, wants to know of this one."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, json.dumps(facts).encode(), 0)

    def release(self) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def _read(self) -> dict[str, int]:
        with contextlib.suppress(OSError, ValueError):
            facts: dict[str, int] = json.loads(self._path.read_text())
            return facts
        return {}


def flower_password(settings: Settings) -> str:
    """Return the one that was set, or this home's own, made once."""
    if settings.flower_password is not None:
        return settings.flower_password.get_secret_value()
    path = settings.home / "flower-password"
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(12))
    return path.read_text().strip()
