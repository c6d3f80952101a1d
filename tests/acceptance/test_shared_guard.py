"""Four API processes, one guard: one bucket, one breaker, flat memory."""

import asyncio
import json
import math
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import httpx2
import pytest

from db.breaker import Breakers, BreakerState
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from tests.api_processes import ApiProcess, api_processes
from tests.waiting import wait_until

pytestmark = pytest.mark.alone

PROCESSES = 4
WRONG = {"problem_matrix": "no matrix"}
GIVEN = {"problem_matrix": [[0, 1], [1, 0]], "timeout_seconds": 1}


@pytest.fixture
def environment(
    tmp_path: Path, sqlite_url: str, own_valkey: EmbeddedValkey
) -> dict[str, str]:
    return {
        "SOLVEQUEUE_HOME": str(tmp_path / "home"),
        "DATABASE_URL": sqlite_url,
        "REDIS_URL": own_valkey.redis_url,
        "BROKER_URL": own_valkey.broker_url,
        "SOLVEQUEUE_LOG_LEVEL": "ERROR",
    }


@pytest.fixture
def four(tmp_path: Path, environment: dict[str, str]) -> Iterator[list[ApiProcess]]:
    """Run them with the limits as they are by default."""
    with api_processes(PROCESSES, environment, tmp_path) as running:
        yield running


def send(
    processes: list[ApiProcess], count: int, body: object = WRONG
) -> tuple[list[httpx2.Response], float]:
    """Send so many at once, to each in turn; return the answers and the seconds."""

    async def run() -> tuple[list[httpx2.Response], float]:
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
            urls = cycle(f"{each.url}/solve" for each in processes)
            began = time.monotonic()
            answers = await asyncio.gather(
                *(client.post(next(urls), json=body) for _ in range(count))
            )
            return list(answers), time.monotonic() - began

    return asyncio.run(run())


def test_of_solves_within_a_moment_exactly_the_budgeted_ones_pass(
    four: list[ApiProcess],
) -> None:
    answers, seconds = send(four, 160)
    statuses = Counter(each.status_code for each in answers)
    assert set(statuses) == {422, 429}
    # The bucket holds 100 and gets one a second, whoever of the four is asked.
    assert 100 <= statuses[422] <= math.floor(100 + seconds * 1.0)
    refused = [each for each in answers if each.status_code == 429]
    assert {each.headers["retry-after"] for each in refused} == {"1"}
    assert {each.headers["x-ratelimit-limit"] for each in refused} == {"100"}
    refused_at = time.monotonic()
    wait_until(
        lambda: (
            httpx2.post(f"{four[1].url}/solve", json=WRONG, trust_env=False).status_code
            == 422
        )
    )
    assert time.monotonic() - refused_at < 1.5


def test_who_comes_back_as_told_is_let_in_wherever_it_asks(
    tmp_path: Path,
    environment: dict[str, str],
) -> None:
    limits = {"SOLVEQUEUE_RATE_LIMITS": "solve=10/0.5"}
    with api_processes(PROCESSES, {**environment, **limits}, tmp_path) as running:
        answers, _ = send(running, 24)
        assert Counter(each.status_code for each in answers) == {422: 10, 429: 14}
        turn = cycle(running)
        for _ in range(3):
            refused = _solve(next(turn))
            asked_at = time.monotonic()
            assert refused.status_code == 429
            told = int(refused.headers["retry-after"])
            standing = refused.headers["ratelimit"]
            assert standing == f'"solve";r=0;t={told}'
            # Asked all the time, by all four: none is let in that should not be.
            wait_until(lambda: _solve(next(turn)).status_code == 422)
            waited = time.monotonic() - asked_at
            assert told - 1.1 < waited < told + 0.5


def test_limits_hold_while_redis_dies_and_are_shared_again_after_it(
    tmp_path: Path, environment: dict[str, str], own_valkey: EmbeddedValkey
) -> None:
    limits = {"SOLVEQUEUE_RATE_LIMITS": "solve=10/0.01"}
    with api_processes(PROCESSES, {**environment, **limits}, tmp_path) as running:
        assert _passed(running, 20) == 10
        own_valkey.stop()
        # Each by itself, and no more than a bucket each.
        assert _passed(running, 80) <= 10 * PROCESSES
        assert _passed(running, 20) == 0
        own_valkey.start()
        wait_until(lambda: all(_is_shared(each) for each in running))
        assert _passed(running, 30) == 10


def test_four_processes_have_one_breaker(
    tmp_path: Path, environment: dict[str, str], own_valkey: EmbeddedValkey
) -> None:
    settings = {
        "SOLVEQUEUE_BREAKER_FAILURES": "4",
        "SOLVEQUEUE_BREAKER_SECONDS": "2",
    }
    breakers = Breakers(
        Settings(redis_url=own_valkey.redis_url, breaker_failures=4, breaker_seconds=2)
    )
    with api_processes(PROCESSES, {**environment, **settings}, tmp_path) as running:
        # No solver lives: one failure in each of the four.
        answers, _ = send(running, PROCESSES, GIVEN)
        assert [each.status_code for each in answers] == [408] * PROCESSES
        for each in running:
            answer = _solve(each, GIVEN)
            assert answer.status_code == 503
            assert answer.json()["error_code"] == "CIRCUIT_BREAKER_OPEN"
            assert 1 <= int(answer.headers["retry-after"]) <= 2
        engine = breakers.engine
        wait_until(lambda: engine.look().state is BreakerState.HALF_OPEN)
        answers, _ = send(running, 12, GIVEN)
        # Exactly one went through, and timed out.
        assert Counter(each.status_code for each in answers) == {408: 1, 503: 11}
        assert engine.look().state is BreakerState.OPEN
        breakers.reset()
        assert _solve(running[0], GIVEN).status_code == 408
    breakers.close()


def test_hostile_bodies_leave_memory_flat_and_others_served(
    tmp_path: Path,
    environment: dict[str, str],
) -> None:
    # Else the C library may keep two freed blocks of a body's size, and seem to grow.
    allocator = {"MALLOC_MMAP_THRESHOLD_": str(2**20)}
    with api_processes(1, {**environment, **allocator}, tmp_path) as (process,):
        _bomb(process)


def _bomb(process: ApiProcess) -> None:
    bombs = [
        b"[" * 30_000_000,
        b"[" + b"[]," * 10_000_000 + b"[]]",
        b"[" + b'"ab",' * 6_000_000 + b'"ab"]',
        b'{"seed":' + b"7" * 10**6 + b"}",
    ]
    with httpx2.Client(base_url=process.url, trust_env=False, timeout=60) as client:

        def round_of_all() -> None:
            for bomb in bombs:
                answer = client.post("/v1/jobs", content=bomb)
                assert answer.status_code == 422
                assert json.loads(answer.content)["errors"]
            packed = {"Content-Encoding": "gzip"}
            answer = client.post("/v1/jobs", content=b"\x1f\x8b", headers=packed)
            assert answer.status_code == 415
            assert client.get("/healthz").status_code == 200

        def most(rounds: int) -> float:
            held = []
            for _ in range(rounds):
                round_of_all()
                held.append(process.rss_mb)
            return max(held)

        before = most(2)
        after = most(8)
    print(f"RSS {before:.0f} MiB, after 32 more bombs {after:.0f} MiB")
    assert after - before <= 20


def _solve(process: ApiProcess, body: object = WRONG) -> httpx2.Response:
    return httpx2.post(f"{process.url}/solve", json=body, trust_env=False, timeout=30)


def _passed(processes: list[ApiProcess], count: int) -> int:
    answers, _ = send(processes, count)
    return sum(each.status_code == 422 for each in answers)


def _is_shared(process: ApiProcess) -> bool:
    answer = httpx2.get(f"{process.url}/v1/limits", trust_env=False)
    return bool(answer.json()["is_shared"])
