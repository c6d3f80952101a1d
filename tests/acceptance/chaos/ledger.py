"""What the service has promised, written down where no fault reaches it."""

import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Accepted:
    """A job whose id the client was given."""

    id: str
    key: str
    kind: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Promises:
    """All that a ledger holds."""

    accepted: dict[str, Accepted]
    cancels: dict[str, int]
    """Status of the answer to each wish to cancel."""


class Ledger:
    """A file of JSON lines, each on the disk before the client goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file = path.open("a", encoding="utf-8")
        self._writing = threading.Lock()

    def accept(self, accepted: Accepted) -> None:
        self._write(
            {
                "accepted": accepted.id,
                "key": accepted.key,
                "kind": accepted.kind,
                "body": accepted.body,
            }
        )
        self.count += 1

    def cancel(self, job_id: str, status: int) -> None:
        self._write({"cancel": job_id, "status": status})

    def _write(self, line: dict[str, Any]) -> None:
        with self._writing:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()


def read_ledger(path: Path) -> Promises:
    """Return what the file says, and nothing that anyone remembers."""
    accepted: dict[str, Accepted] = {}
    cancels: dict[str, int] = {}
    for text in path.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        if "cancel" in line:
            cancels[line["cancel"]] = line["status"]
        else:
            one = Accepted(line["accepted"], line["key"], line["kind"], line["body"])
            accepted[one.id] = one
    return Promises(accepted, cancels)
