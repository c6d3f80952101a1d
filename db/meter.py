"""Counts what a process does, so that every process tells of all of them.

Counting adds to a dictionary and nothing else. About once a second, and before a
reader is answered, what was added goes to Redis, where all processes' numbers meet;
while Redis is away it waits here, and readers are told of this process alone. See
ADR 0028.
"""

import hashlib
import json
import logging
import os
import secrets
import threading
import time
import weakref
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from typing import cast

import redis

from db.contracts.errors import StreamUnavailableError
from db.contracts.metric import BOUNDS, METRICS, MetricKind
from db.contracts.settings import Settings
from db.redis_client import connect
from db.tally import COUNT, SUM, Cell, Tally

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 1.0
PAUSE_AFTER_FAILURE_SECONDS = 1.0
MAX_SERIES = 500
"""Of one metric in one process: further ones are counted together, as `OTHER`."""
OTHER = "other"
MINUTES_KEPT = 10
FRESH_SECONDS = 5
"""What a process says of the present counts for so long."""

_TOTALS = "solvequeue:meter"
_MINUTE = "solvequeue:meter:minute:"
_GAUGES = "solvequeue:meter:gauges"
_SCRIPT = files("db").joinpath("lua/count.lua").read_text()
_SCRIPT_SHA = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()

_meters: "weakref.WeakSet[Meter]" = weakref.WeakSet()


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is on its way to Redis: sent again, under its number, until it arrived."""

    number: int
    cells: Mapping[Cell, float]
    begun_at: float


class Meter:
    """One process' part in the service's numbers."""

    def __init__(self, settings: Settings) -> None:
        self._client = connect(settings)
        self._begin()
        _meters.add(self)

    def _begin(self) -> None:
        """Count from nothing: at first, and in a forked child, whose parent sends."""
        self._name = secrets.token_hex(8)
        self._counting, self._sending = threading.Lock(), threading.Lock()
        self._gauges: dict[str, Callable[[], float]] = {}
        self._own: defaultdict[Cell, float] = defaultdict(float)
        self._minutes: dict[int, defaultdict[Cell, float]] = {}
        self._unsent: dict[Cell, float] = {}
        self._unsent_since = 0.0
        self._batch: _Batch | None = None
        self._batches = 0
        self._series: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
        self._told_gauges = ""
        self._away_until, self._is_away = 0.0, False
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def count(self, name: str, *labels: str, by: int = 1) -> None:
        """Add to a counter."""
        labels = self._known(name, labels, MetricKind.COUNTER)
        self._add({(name, COUNT, *labels): float(by)})

    def observe(self, name: str, value: float, *labels: str) -> None:
        """Add an observation to a histogram."""
        labels = self._known(name, labels, MetricKind.HISTOGRAM)
        bucket = str(bisect_left(BOUNDS, value))
        self._add({(name, bucket, *labels): 1.0, (name, SUM, *labels): value})

    def gauge(self, name: str, read: Callable[[], float]) -> None:
        """Let this process' share of a gauge be read whenever numbers are sent."""
        if METRICS[name].kind is not MetricKind.GAUGE or METRICS[name].labels:
            raise ValueError(f"{name} is no plain gauge")
        self._gauges[name] = read
        self._start()

    def read(self) -> Tally:
        """Return what all processes have counted."""
        if self.flush():
            with suppress(redis.RedisError):
                found = cast("dict[str, str]", self._client.hgetall(_TOTALS))
                return Tally(_decoded(found))
            self._stay_away()
        with self._counting:
            return Tally(dict(self._own), is_shared=False)

    def read_recent(self, minutes: int) -> Tally:
        """Return what was counted in the present minute and in those before it."""
        if self.flush():
            with suppress(redis.RedisError):
                return Tally(self._read_minutes(minutes))
            self._stay_away()
        present = int(time.time() // 60)
        merged: defaultdict[Cell, float] = defaultdict(float)
        with self._counting:
            for minute in range(present - minutes, present + 1):
                for cell, amount in self._minutes.get(minute, {}).items():
                    merged[cell] += amount
        return Tally(merged, is_shared=False)

    def read_gauges(self) -> dict[str, float]:
        """Return gauges, summed over the processes that are alive."""
        if self.flush():
            with suppress(redis.RedisError):
                return self._read_gauges()
            self._stay_away()
        return self._present()

    def flush(self) -> bool:
        """Send what was counted; return whether Redis has all of it."""
        if time.monotonic() < self._away_until:
            return False
        with self._sending:
            try:
                self._send_all()
            except redis.RedisError as error:
                if not self._is_away:
                    logger.warning(
                        "numbers wait", extra={"action": "numbers_wait"}, exc_info=error
                    )
                self._stay_away()
                return False
            self._is_away = False
        return True

    def reset(self) -> None:
        """Forget all that was counted, by every process.

        Raises UnavailableError while Redis is away.
        """
        with self._sending:
            try:
                self._send_all()
                keys = list(self._client.scan_iter(f"{_MINUTE}*"))
                self._client.delete(_TOTALS, *keys)
            except redis.RedisError as error:
                raise StreamUnavailableError from error
        with self._counting:
            self._own.clear()
            self._minutes.clear()

    def close(self) -> None:
        """Send what is left; counting again goes on as before."""
        self._stopped.set()
        self._gauges.clear()
        self.flush()
        self._client.close()
        self._thread = None

    def _known(
        self, name: str, labels: tuple[str, ...], kind: MetricKind
    ) -> tuple[str, ...]:
        metric = METRICS[name]
        if metric.kind is not kind or len(labels) != len(metric.labels):
            raise ValueError(f"{name} is a {metric.kind} with labels {metric.labels}")
        known = self._series[name]
        if labels not in known:
            if len(known) >= MAX_SERIES:
                return (OTHER,) * len(labels)
            known.add(labels)
        return labels

    def _add(self, cells: Mapping[Cell, float]) -> None:
        if self._thread is None:
            self._start()
        with self._counting:
            if not self._unsent:
                self._unsent_since = time.monotonic()
            for cell, amount in cells.items():
                self._own[cell] += amount
                self._unsent[cell] = self._unsent.get(cell, 0.0) + amount
                if METRICS[cell[0]].is_recent:
                    self._minute()[cell] += amount

    def _minute(self) -> defaultdict[Cell, float]:
        minute = int(time.time() // 60)
        if minute not in self._minutes:
            for old in [m for m in self._minutes if m <= minute - MINUTES_KEPT]:
                del self._minutes[old]
            self._minutes[minute] = defaultdict(float)
        return self._minutes[minute]

    def _start(self) -> None:
        with self._counting:
            if self._thread is None:
                self._stopped = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(self._stopped,), name="meter", daemon=True
                )
                self._thread.start()

    def _run(self, stopped: threading.Event) -> None:
        while not stopped.wait(FLUSH_SECONDS):
            try:
                self.flush()
            except Exception:
                # Numbers are worth less than the process that they are about.
                logger.exception("numbers not sent", extra={"action": "meter_failed"})

    def _send_all(self) -> None:
        if self._batch is not None:
            self._send(self._batch)
        with self._counting:
            cells, self._unsent = self._unsent, {}
            if cells:
                self._batches += 1
                self._batch = _Batch(self._batches, cells, self._unsent_since)
        gauges = self._gauges_to_tell()
        if self._batch is not None or gauges:
            self._send(self._batch or _Batch(self._batches, {}, 0.0), gauges)

    def _send(self, batch: _Batch, gauges: str = "") -> None:
        # What waited for longer did not happen in the minute in which it is sent.
        is_recent = time.monotonic() - batch.begun_at < 60
        recent = {
            cell: amount
            for cell, amount in batch.cells.items()
            if is_recent and METRICS[cell[0]].is_recent
        }
        arguments: list[str | int | float] = [
            *(_TOTALS, _MINUTE, f"{_TOTALS}:sent:{self._name}", _GAUGES),
            *(self._name, batch.number, MINUTES_KEPT * 60, gauges, len(batch.cells)),
        ]
        for cells in (batch.cells, recent):
            for cell, amount in cells.items():
                arguments += (json.dumps(cell), repr(amount))
        try:
            self._client.evalsha(_SCRIPT_SHA, 4, *arguments)
        except redis.exceptions.NoScriptError:
            # A new server has not seen the script, and has done nothing.
            self._client.script_load(_SCRIPT)
            self._client.evalsha(_SCRIPT_SHA, 4, *arguments)
        if gauges:
            self._told_gauges = gauges
        self._batch = None

    def _present(self) -> dict[str, float]:
        return {name: read() for name, read in list(self._gauges.items())}

    def _gauges_to_tell(self) -> str:
        """Return the gauges as they are told; nothing where all is quiet."""
        gauges = self._present()
        if any(gauges.values()):
            return json.dumps(gauges)
        return "-" if self._told_gauges not in ("", "-") else ""

    def _read_minutes(self, minutes: int) -> dict[Cell, float]:
        seconds, _ = self._client.time()
        present = seconds // 60
        with self._client.pipeline(transaction=False) as pipe:
            for minute in range(present - minutes, present + 1):
                pipe.hgetall(f"{_MINUTE}{minute}")
            answers = cast("list[dict[str, str]]", pipe.execute())
        merged: defaultdict[Cell, float] = defaultdict(float)
        for answer in answers:
            for cell, amount in _decoded(answer).items():
                merged[cell] += amount
        return merged

    def _read_gauges(self) -> dict[str, float]:
        seconds, _ = self._client.time()
        told = cast("dict[str, str]", self._client.hgetall(_GAUGES))
        sums: defaultdict[str, float] = defaultdict(float)
        gone = []
        for process, text in told.items():
            at, _, values = text.partition(" ")
            if seconds - int(at) > FRESH_SECONDS:
                gone.append(process)
                continue
            for name, value in json.loads(values).items():
                sums[name] += value
        if gone:
            self._client.hdel(_GAUGES, *gone)
        return dict(sums)

    def _stay_away(self) -> None:
        self._is_away = True
        self._away_until = time.monotonic() + PAUSE_AFTER_FAILURE_SECONDS


def _decoded(found: Mapping[str, str]) -> dict[Cell, float]:
    return {tuple(json.loads(cell)): float(amount) for cell, amount in found.items()}


def _begin_in_child() -> None:
    for meter in list(_meters):
        meter._begin()  # noqa: SLF001 - its locks may have been held by a thread


os.register_at_fork(after_in_child=_begin_in_child)
