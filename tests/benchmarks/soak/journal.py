"""What was measured, written down as it comes: a run that is cut short is not lost."""

import json
import threading
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Journal:
    """Latencies, samples and errors, each a file of JSON lines; of many threads."""

    def __init__(self, folder: Path) -> None:
        self.counts: Counter[str] = Counter()
        self._began = time.monotonic()
        self._writing = threading.Lock()
        self._files = {
            name: (folder / f"{name}.jsonl").open("w", encoding="utf-8", buffering=1)
            for name in ("latencies", "samples", "errors")
        }

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    def latency(self, kind: str, seconds: float) -> None:
        """Note how long something took, counted from when it was due."""
        self._write("latencies", [round(self.elapsed, 3), kind, round(seconds, 6)])
        with self._writing:
            self.counts[kind] += 1

    def sample(self, sample: dict[str, Any]) -> None:
        self._write("samples", sample)

    def error(self, what: str) -> None:
        """Note an answer that nothing excuses."""
        self._write("errors", [round(self.elapsed, 3), what])
        with self._writing:
            self.counts["errors"] += 1

    def _write(self, name: str, line: object) -> None:
        with self._writing:
            self._files[name].write(json.dumps(line) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for file in self._files.values():
            file.close()


def read_lines(path: Path) -> list[Any]:
    """Return what a journal's file holds."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
