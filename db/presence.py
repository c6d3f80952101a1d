"""Who is there: workers, beat, sockets, and the service as a whole.

All of it is told again before it expires, by those that are there; what a Redis that
was flushed has forgotten is back within seconds.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import cast

import redis

from db.contracts.errors import StreamUnavailableError
from db.contracts.living_worker import LivingWorker
from db.contracts.registry_report import RegistryReport
from db.contracts.settings import Settings
from db.redis_client import connect

TELL_SECONDS = 5.0
ABSENT_AFTER_SECONDS = 16
"""Three times in vain."""
PAUSE_SECONDS = 300
"""When nobody has answered for so long, the service has begun anew."""
MINUTES_A_DAY = 1440

RELAY_TELL_SECONDS = 15.0
RELAY_ABSENT_AFTER_SECONDS = 46
"""Three times in vain."""

REGISTRY_KEPT_SECONDS = 120
"""How long it is known what was last read of the registry of providers."""

_REGISTRY = "solvequeue:registry"
_RELAYS = "solvequeue:relays"
_WORKERS = "solvequeue:workers"
_TICK = "solvequeue:tick"
_BEGUN = "solvequeue:begun"
_HEALTH = "solvequeue:health"
_BUCKETS = "solvequeue:bucket:*"
_SOCKETS = "solvequeue:sockets"


@dataclass(frozen=True, slots=True)
class Uptime:
    """Since when the service has answered, and how well."""

    begun_at: float
    good_share: float
    """Of the minutes since the first that is known, of the last day; 1 at first."""


class Presence:
    """One process' view of it; all raise UnavailableError while Redis is away."""

    def __init__(self, settings: Settings) -> None:
        self._client = connect(settings)

    def tell_worker(self, worker: LivingWorker) -> None:
        """Say that the worker lives."""
        with _unavailable_when_away(), self._client.pipeline(transaction=False) as pipe:
            pipe.set(_key(worker.id), worker.model_dump_json(), ex=ABSENT_AFTER_SECONDS)
            pipe.sadd(_WORKERS, worker.id)
            pipe.execute()

    def forget_worker(self, worker_id: str) -> None:
        """Say that the worker is going."""
        with _unavailable_when_away():
            self._client.delete(_key(worker_id))

    def workers(self) -> list[LivingWorker]:
        """Return the workers that live, by name."""
        with _unavailable_when_away():
            ids = sorted(cast("set[str]", self._client.smembers(_WORKERS)))
            if not ids:
                return []
            told = self._client.mget([_key(each) for each in ids])
            gone = [each for each, text in zip(ids, told, strict=True) if text is None]
            if gone:
                self._client.srem(_WORKERS, *gone)
        found = [LivingWorker.model_validate_json(text) for text in told if text]
        return sorted(found, key=lambda worker: (worker.name, worker.id))

    def tell_tick(self) -> None:
        """Say that beat ticks."""
        with _unavailable_when_away():
            self._client.set(_TICK, 1, ex=ABSENT_AFTER_SECONDS)

    def is_ticking(self) -> bool:
        """Return whether beat has ticked, and a worker has heard it, of late."""
        with _unavailable_when_away():
            return bool(self._client.exists(_TICK))

    def tick_age_s(self) -> float | None:
        """Return how long ago beat ticked last; None where it is too long ago."""
        with _unavailable_when_away():
            left_ms = self._client.pttl(_TICK)
        return None if left_ms < 0 else ABSENT_AFTER_SECONDS - left_ms / 1000

    def tell_relay(self, process: str, took_ms: float | None) -> None:
        """Say how long an event has taken through this process' relay.

        None says that it has not come.
        """
        with _unavailable_when_away(), self._client.pipeline(transaction=False) as pipe:
            text = "" if took_ms is None else repr(took_ms)
            pipe.set(f"{_RELAYS}:{process}", text, ex=RELAY_ABSENT_AFTER_SECONDS)
            pipe.sadd(_RELAYS, process)
            pipe.execute()

    def forget_relay(self, process: str) -> None:
        """Say that the process is going."""
        with _unavailable_when_away():
            self._client.delete(f"{_RELAYS}:{process}")

    def relays(self) -> dict[str, float | None]:
        """Return what the relays of all API processes have told."""
        with _unavailable_when_away():
            processes = sorted(cast("set[str]", self._client.smembers(_RELAYS)))
            if not processes:
                return {}
            told = self._client.mget([f"{_RELAYS}:{each}" for each in processes])
            gone = [p for p, text in zip(processes, told, strict=True) if text is None]
            if gone:
                self._client.srem(_RELAYS, *gone)
        return {
            process: float(text) if text else None
            for process, text in zip(processes, told, strict=True)
            if text is not None
        }

    def tell_registry(self, report: RegistryReport) -> None:
        """Say what was read of the registry of providers."""
        with _unavailable_when_away():
            self._client.set(
                _REGISTRY, report.model_dump_json(), ex=REGISTRY_KEPT_SECONDS
            )

    def registry(self) -> RegistryReport | None:
        """Return what was read last; None where nobody has read it of late."""
        with _unavailable_when_away():
            text = cast("str | None", self._client.get(_REGISTRY))
        return None if text is None else RegistryReport.model_validate_json(text)

    def tell_service(self) -> bool:
        """Say that the service answers; return whether this minute needs a sample."""
        with _unavailable_when_away():
            seconds, microseconds = self._client.time()
            with self._client.pipeline(transaction=False) as pipe:
                at = repr(seconds + microseconds / 1e6)
                pipe.set(_BEGUN, at, nx=True)
                pipe.expire(_BEGUN, PAUSE_SECONDS)
                pipe.hexists(_HEALTH, str(seconds // 60))
                return not pipe.execute()[-1]

    def sample(self, *, is_good: bool) -> None:
        """Note how the service is in this minute, unless that was noted."""
        with _unavailable_when_away():
            minute = self._client.time()[0] // 60
            if not self._client.hsetnx(_HEALTH, str(minute), str(int(is_good))):
                return
            known = cast("list[str]", self._client.hkeys(_HEALTH))
            old = [each for each in known if int(each) <= minute - MINUTES_A_DAY]
            if old:
                self._client.hdel(_HEALTH, *old)

    def uptime(self) -> Uptime | None:
        """Return how long and how well the service has answered; None if unknown."""
        with _unavailable_when_away():
            begun = cast("str | None", self._client.get(_BEGUN))
            samples = cast("dict[str, str]", self._client.hgetall(_HEALTH))
        if begun is None:
            return None
        minutes = sorted(map(int, samples))
        if not minutes:
            return Uptime(float(begun), 1.0)
        # A minute without a sample is one in which nobody was there to take it.
        span = minutes[-1] - minutes[0] + 1
        good = sum(value == "1" for value in samples.values())
        return Uptime(float(begun), good / span)

    def tell_sockets(
        self, process: str, told: Mapping[str, str], *, gone: Collection[str] = ()
    ) -> int:
        """Say what is new of the sockets of this process; return how many are known.

        Where that is not how many there are, Redis has forgotten some: tell it anew.
        """
        key = f"{_SOCKETS}:{process}"
        with _unavailable_when_away(), self._client.pipeline(transaction=False) as pipe:
            if told:
                pipe.hset(key, items=[*chain(*told.items())])
            if gone:
                pipe.hdel(key, *gone)
            pipe.expire(key, ABSENT_AFTER_SECONDS)
            pipe.sadd(_SOCKETS, process)
            pipe.hlen(key)
            return int(pipe.execute()[-1])

    def forget_sockets(self, process: str) -> None:
        """Say that this process has none, or is going to tell of them anew."""
        with _unavailable_when_away():
            self._client.delete(f"{_SOCKETS}:{process}")

    def sockets(self) -> dict[str, str]:
        """Return what all processes have told of their sockets."""
        with _unavailable_when_away():
            processes = sorted(cast("set[str]", self._client.smembers(_SOCKETS)))
            with self._client.pipeline(transaction=False) as pipe:
                for process in processes:
                    pipe.hgetall(f"{_SOCKETS}:{process}")
                found = cast("list[dict[str, str]]", pipe.execute())
            gone = [p for p, told in zip(processes, found, strict=True) if not told]
            if gone:
                self._client.srem(_SOCKETS, *gone)
        return {name: text for told in found for name, text in told.items()}

    def active_buckets(self) -> int:
        """Return how many buckets of the limiter are not full: others expire."""
        with _unavailable_when_away():
            return sum(1 for _ in self._client.scan_iter(_BUCKETS, count=1000))

    def close(self) -> None:
        self._client.close()


def _key(worker_id: str) -> str:
    return f"solvequeue:worker:{worker_id}"


@contextmanager
def _unavailable_when_away() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise StreamUnavailableError from error
