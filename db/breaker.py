"""Circuit breakers, shared by all processes through Redis.

While Redis is away each process has its own.

One is closed until so many failures in a row have opened it. Open, it refuses; after a
while it is half-open and lets exactly one pass, whose outcome closes it or opens it
again.
"""

import hashlib
import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any, cast

import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

from db.contracts.errors import CircuitOpenError
from db.contracts.settings import Settings
from db.redis_client import connect

logger = logging.getLogger(__name__)

ENGINE = "optimization_engine"
DATABASE = "database"
ANSWER_SECONDS = 0.25
PAUSE_AFTER_FAILURE_SECONDS = 1.0
KEEP_SECONDS = 3600
"""How long a failure counts if nothing else is heard."""

_SCRIPT = files("db").joinpath("lua/breaker.lua").read_text()
_SCRIPT_SHA = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()


class BreakerState(StrEnum):
    """Whether requests pass."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    """One may pass, and decides."""


@dataclass(frozen=True, slots=True)
class BreakerStanding:
    """How a breaker stands."""

    name: str
    state: BreakerState
    failures: int
    """In a row."""
    threshold: int
    """So many open it."""
    last_failure: float | None
    """Seconds since 1970."""
    next_try_s: float
    """Until it lets one pass; 0 if it does."""
    is_shared: bool
    """Whether Redis says so; else it is this process' own."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """What opens a breaker, and for how long."""

    name: str
    threshold: int
    open_ms: int


class Breaker:
    """One process' way to one breaker."""

    def __init__(self, rule: _Rule, ask_redis: "_AskRedis") -> None:
        self._rule = rule
        self._ask_redis = ask_redis
        self._own = _OwnBreaker(rule)

    def admit(self) -> BreakerStanding:
        """Raise CircuitOpenError, or let the caller pass: it must tell what came of it.

        Half-open it lets one pass; one that tells nothing is forgotten after as long as
        the breaker was open.
        """
        return self._pass("admit")

    def join(self) -> BreakerStanding:
        """Raise CircuitOpenError, or let a caller pass who tells nothing afterwards."""
        return self._pass("join")

    def release(self) -> None:
        """Let another pass instead of the caller, of whom nothing will be heard."""
        self._ask("release")

    def succeed(self) -> None:
        """Close it, if it is not open by now."""
        self._ask("succeed")

    def fail(self) -> None:
        """Count a failure; at the threshold, or of a probe, it opens."""
        found = self._ask("fail")
        if found.state is BreakerState.OPEN:
            logger.warning(
                "circuit is open",
                extra={"action": "circuit_open", "part": self._rule.name},
            )

    def reset(self) -> BreakerStanding:
        """Close it and forget all failures."""
        # Also what would hold while Redis is away.
        self._own.ask("reset")
        return self._ask("reset")

    def look(self) -> BreakerStanding:
        """Return how it stands."""
        return self._ask("look")

    def _pass(self, act: str) -> BreakerStanding:
        may_pass, found = self._answer(act)
        if not may_pass:
            wait = max(1, math.ceil(found.next_try_s))
            raise CircuitOpenError(
                f"{found.name} has failed {found.failures} times in a row; "
                f"it is tried again in {wait} s",
                retry_after_s=found.next_try_s,
            )
        return found

    def _ask(self, act: str) -> BreakerStanding:
        return self._answer(act)[1]

    def _answer(self, act: str) -> tuple[bool, BreakerStanding]:
        answer = self._ask_redis(self._rule, act)
        is_shared = answer is not None
        may_pass, state, failures, failed_ms, wait_ms = answer or self._own.ask(act)
        return may_pass, BreakerStanding(
            name=self._rule.name,
            state=BreakerState(state),
            failures=failures,
            threshold=self._rule.threshold,
            last_failure=None if failed_ms < 0 else failed_ms / 1000,
            next_try_s=wait_ms / 1000,
            is_shared=is_shared,
        )


class Breakers:
    """All breakers of one process, by what they stand before."""

    def __init__(self, settings: Settings) -> None:
        self._redis = _AskRedis(settings)
        self._by_name = {
            rule.name: Breaker(rule, self._redis)
            for rule in (
                _Rule(
                    ENGINE,
                    settings.breaker_failures,
                    _milliseconds(settings.breaker_seconds),
                ),
                _Rule(
                    DATABASE,
                    settings.breaker_failures,
                    _milliseconds(settings.database_pause_seconds),
                ),
            )
        }

    @property
    def engine(self) -> Breaker:
        """Stands before synchronous solves."""
        return self._by_name[ENGINE]

    @property
    def database(self) -> Breaker:
        """Stands before the database."""
        return self._by_name[DATABASE]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._by_name)

    def state_of(self, name: str) -> BreakerStanding:
        """Return how the breaker of this name stands."""
        return self._by_name[name].look()

    def reset(self) -> list[BreakerStanding]:
        """Close all of them."""
        return [breaker.reset() for breaker in self._by_name.values()]

    def close(self) -> None:
        self._redis.close()


class DatabaseWatch:
    """Keeps requests from a database that does not answer.

    Costs nothing while it does: the breaker is asked once this process has seen a
    failure, until it has seen a success.
    """

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker
        self._is_troubled = False

    def admit(self) -> None:
        """Raise CircuitOpenError while the database is left alone."""
        if self._is_troubled:
            self._breaker.admit()

    def succeeded(self) -> None:
        if self._is_troubled:
            self._is_troubled = False
            self._breaker.succeed()

    def failed(self) -> None:
        self._is_troubled = True
        self._breaker.fail()


Answer = tuple[bool, str, int, int, int]


class _AskRedis:
    """Runs the script; answers nothing while Redis is away."""

    def __init__(self, settings: Settings) -> None:
        seconds = min(ANSWER_SECONDS, settings.redis_timeout_seconds)
        self._away_until = 0.0
        self._client = connect(
            settings,
            timeout_seconds=seconds,
            # A connection that the server has closed is made again; a server that is
            # silent is not asked twice.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        )

    def __call__(self, rule: _Rule, act: str) -> Answer | None:
        if time.monotonic() < self._away_until:
            return None
        key = f"solvequeue:breaker:{rule.name}"
        arguments = (act, rule.threshold, rule.open_ms, KEEP_SECONDS)
        try:
            try:
                answer = self._client.evalsha(_SCRIPT_SHA, 1, key, *arguments)
            except NoScriptError:
                self._client.script_load(_SCRIPT)
                answer = self._client.evalsha(_SCRIPT_SHA, 1, key, *arguments)
        except redis.RedisError:
            self._away_until = time.monotonic() + PAUSE_AFTER_FAILURE_SECONDS
            logger.warning(
                "breakers are each process' own: Redis does not answer",
                extra={"action": "breaker_away"},
            )
            return None
        may_pass, *rest = cast("list[Any]", answer)
        return cast("Answer", (bool(may_pass), *rest))

    def close(self) -> None:
        self._client.close()


class _OwnBreaker:
    """The script's rules, for one process."""

    def __init__(
        self, rule: _Rule, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rule = rule
        self._clock = clock
        self._lock = threading.Lock()
        self._failures, self._failed, self._probe = 0, 0, 0
        self._opened: int | None = None

    def ask(self, act: str) -> Answer:
        with self._lock:
            now = math.floor(self._clock() * 1000)
            if act == "reset" or now - self._failed > KEEP_SECONDS * 1000:
                self._forget()
            may_pass = True
            if act in ("admit", "join"):
                may_pass = not self._wait(now)
                if act == "admit" and may_pass and self._opened is not None:
                    self._probe = now
            elif act == "succeed":
                if self._state(now) is not BreakerState.OPEN:
                    self._forget()
            elif act == "release":
                self._probe = 0
            elif act == "fail":
                self._fail(now)
            since = now - self._failed
            failed = round(time.time() * 1000) - since if self._failures else -1
            return may_pass, self._state(now), self._failures, failed, self._wait(now)

    def _fail(self, now: int) -> None:
        state = self._state(now)
        if state is not BreakerState.OPEN:
            self._failures += 1
        is_enough = self._opened is None and self._failures >= self._rule.threshold
        if state is BreakerState.HALF_OPEN or is_enough:
            self._opened, self._probe = now, 0
        self._failed = now

    def _forget(self) -> None:
        self._failures, self._failed, self._probe = 0, 0, 0
        self._opened = None

    def _wait(self, now: int) -> int:
        if self._opened is None:
            return 0
        return max(0, max(self._opened, self._probe) + self._rule.open_ms - now)

    def _state(self, now: int) -> BreakerState:
        if self._opened is None:
            return BreakerState.CLOSED
        is_open = now - self._opened < self._rule.open_ms
        return BreakerState.OPEN if is_open else BreakerState.HALF_OPEN


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
