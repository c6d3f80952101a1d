"""Counts the calls that providers are sent, for all processes, in Redis.

While Redis is away each process goes on from what it knew last, and what it counts
meanwhile is added when Redis is back: no check stops for it, and a budget may be
overdrawn by what the other processes call in that time. See ADR 0038.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files

import redis

from db.contracts.budget import Usage, end_of_window, window_of
from db.contracts.provider import Limit
from db.contracts.settings import Settings
from db.redis_client import CallsInOneTrip, connect

logger = logging.getLogger(__name__)

PAUSE_AFTER_FAILURE_SECONDS = 1.0
KEPT_LONGER_MS = 60_000
"""Clocks differ a little."""
MAX_KNOWN = 20_000
"""Budgets that a process remembers, the ones that it asked about last."""
PAGE = 500

_SPEND = files("db").joinpath("lua/spend.lua").read_text()
_Name = tuple[str, Limit]


@dataclass(frozen=True, slots=True)
class Spending:
    """What came of asking for a call."""

    is_allowed: bool
    usages: tuple[Usage, ...]
    """Of each budget, that call included."""


@dataclass(slots=True)
class _Known:
    """A budget as this process knows it."""

    window: int
    count: int = 0
    unsent: int = 0
    """Calls in it that Redis has not been told of."""


class Budgets:
    """One process' way to all budgets."""

    def __init__(self, settings: Settings) -> None:
        self._client = connect(settings)
        self._script = CallsInOneTrip(self._client, _SPEND, keys=None)
        self._lock = threading.Lock()
        self._known: OrderedDict[_Name, _Known] = OrderedDict()
        self._away_until = 0.0
        self._is_away = False

    @property
    def is_shared(self) -> bool:
        """Whether Redis has the counts; else this process tells its own."""
        return not self._is_away

    def spend(self, provider_id: str, limits: Sequence[Limit], at: float) -> Spending:
        """Count one call in the windows of this moment, if all of them allow it."""
        if not limits:
            return Spending(is_allowed=True, usages=())
        (spending,) = self._ask([(provider_id, limits)], at, cost=1)
        return spending

    def read(
        self, wanted: Iterable[tuple[str, Sequence[Limit]]], at: float
    ) -> list[tuple[Usage, ...]]:
        """Return how the budgets of these providers stand; counts nothing."""
        return [each.usages for each in self._ask(list(wanted), at, cost=0)]

    def close(self) -> None:
        self._client.close()

    def _ask(
        self, wanted: Sequence[tuple[str, Sequence[Limit]]], at: float, *, cost: int
    ) -> list[Spending]:
        if time.monotonic() >= self._away_until:
            try:
                found = [
                    each
                    for first in range(0, len(wanted), PAGE)
                    for each in self._ask_redis(wanted[first : first + PAGE], at, cost)
                ]
            except redis.RedisError as error:
                self._go_away(error)
            else:
                self._come_back()
                return found
        with self._lock:
            return [
                self._count_here(provider_id, limits, at, cost)
                for provider_id, limits in wanted
            ]

    def _ask_redis(
        self, wanted: Sequence[tuple[str, Sequence[Limit]]], at: float, cost: int
    ) -> list[Spending]:
        calls: list[list[str | int]] = []
        unsent = []
        for provider_id, limits in wanted:
            with self._lock:
                waiting = [self._take_unsent(provider_id, each, at) for each in limits]
            unsent.append(waiting)
            keys = [f"solvequeue:budget:{provider_id}:{each.per}" for each in limits]
            arguments: list[str | int] = [len(keys), *keys, cost]
            for limit, count in zip(limits, waiting, strict=True):
                left_s = end_of_window(limit, window_of(limit, at)) - at
                keep_ms = int(left_s * 1000) + KEPT_LONGER_MS
                arguments += [limit.calls, window_of(limit, at), keep_ms, count]
            calls.append(arguments)
        try:
            answers = self._script.run(calls)
        except redis.RedisError:
            with self._lock:
                for (provider_id, limits), waiting in zip(wanted, unsent, strict=True):
                    for limit, count in zip(limits, waiting, strict=True):
                        self._of(provider_id, limit, at).unsent += count
            raise
        return [
            self._learn(provider_id, limits, at, answer)
            for (provider_id, limits), answer in zip(wanted, answers, strict=True)
        ]

    def _learn(
        self, provider_id: str, limits: Sequence[Limit], at: float, answer: list[int]
    ) -> Spending:
        may, *counts = answer
        with self._lock:
            for limit, count in zip(limits, counts, strict=True):
                self._of(provider_id, limit, at).count = count
        return Spending(bool(may), _usages(limits, counts, at))

    def _count_here(
        self, provider_id: str, limits: Sequence[Limit], at: float, cost: int
    ) -> Spending:
        known = [self._of(provider_id, each, at) for each in limits]
        may = all(
            of_it.count + cost <= limit.calls
            for of_it, limit in zip(known, limits, strict=True)
        )
        if may:
            for of_it in known:
                of_it.count += cost
                of_it.unsent += cost
        return Spending(may, _usages(limits, [each.count for each in known], at))

    def _take_unsent(self, provider_id: str, limit: Limit, at: float) -> int:
        known = self._of(provider_id, limit, at)
        count, known.unsent = known.unsent, 0
        return count

    def _of(self, provider_id: str, limit: Limit, at: float) -> _Known:
        name, window = (provider_id, limit), window_of(limit, at)
        known = self._known.get(name)
        if known is None or known.window < window:
            known = self._known[name] = _Known(window)
        self._known.move_to_end(name)
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        return known

    def _go_away(self, error: redis.RedisError) -> None:
        if not self._is_away:
            logger.warning(
                "budgets are each process' own: Redis does not answer",
                extra={"action": "budgets_away", "reason": type(error).__name__},
            )
        self._is_away = True
        self._away_until = time.monotonic() + PAUSE_AFTER_FAILURE_SECONDS

    def _come_back(self) -> None:
        if self._is_away:
            logger.info("budgets are shared again", extra={"action": "budgets_back"})
        self._is_away = False


def _usages(
    limits: Sequence[Limit], counts: Sequence[int], at: float
) -> tuple[Usage, ...]:
    return tuple(
        Usage(limit, count, end_of_window(limit, window_of(limit, at)))
        for limit, count in zip(limits, counts, strict=True)
    )
