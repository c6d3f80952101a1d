"""What jobs, requests and problems of each size cost the parts of the stack."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import numpy as np
from numpy.random import Generator
from sqlalchemy import func, select

from db.contracts.job_kind import Queue
from db.models import Job
from db.stream import FIREHOSE
from tests.benchmarks.capacity.stage import KEPT_SECONDS, Stage, Used, used_while
from tests.benchmarks.ways import BODY

CLIENTS = 4
WARM_JOBS = 20
SINGLE_JOBS = 60
READS = 400
WAITING_JOBS = 1000
SOLVER_QUEUES = (Queue.INTERACTIVE, Queue.STANDARD, Queue.BULK)
REPEATS = {2: 60, 20: 60, 100: 30, 256: 10, 1000: 3}
MAX_SEARCHED_ORDER = 256
"""Beyond it the bounds beside a search take long; the rest is asked of `costs`."""


@dataclass(frozen=True)
class Throughput:
    """Trivial jobs as fast as they go, and one at a time."""

    processes: int
    rate_per_s: float
    p50_ms: float
    p95_ms: float
    cpu_ms: dict[str, float]
    """Of one job, by part."""
    database_bytes: float
    valkey_bytes: float


@dataclass(frozen=True)
class Payload:
    """One job about a new problem of this order."""

    order: int
    body_bytes: int
    accepted_ms: float
    """Until the answer, median."""
    cpu_ms: dict[str, float]
    solving_ms: float
    """What the result says of itself, median: none of it is the service's."""
    database_bytes: float


def throughput(on: Stage, jobs: int) -> Throughput:
    """Have so many trivial jobs done, all sent at once by a few clients."""
    singles(on, WARM_JOBS)
    since = time.time()
    many = used_while(on, lambda: _send_and_wait(on, jobs))
    seconds = _seconds_from_first_to_last(on, since)
    times = sorted(singles(on, SINGLE_JOBS))
    return Throughput(
        on.stack.settings.worker_processes,
        jobs / seconds,
        1000 * float(np.quantile(times, 0.5)),
        1000 * float(np.quantile(times, 0.95)),
        _milliseconds(many, jobs),
        many.database_bytes / jobs,
        many.valkey_bytes / jobs,
    )


@dataclass(frozen=True)
class RedisSizes:
    """What Redis holds, in bytes."""

    empty: float
    waiting_job: float
    ended_job: float
    event: float


def redis_sizes(on: Stage) -> RedisSizes:
    """Let jobs wait for a moment, and weigh them, then ended, then the firehose."""
    singles(on, WARM_JOBS)
    empty, before = on.valkey_bytes(), on.ended()
    told = _firehose_bytes(on)
    for queue in SOLVER_QUEUES:
        _tell_queue(on, queue, "pause")
    for _ in range(WAITING_JOBS):
        _post(on.http, BODY)
    waiting = (on.valkey_bytes() - empty) / WAITING_JOBS
    for queue in SOLVER_QUEUES:
        _tell_queue(on, queue, "resume")
    on.wait_for_ended(before + WAITING_JOBS)
    firehose = _firehose_bytes(on)
    ended = (on.valkey_bytes() - empty - (firehose - told)) / WAITING_JOBS
    return RedisSizes(empty, waiting, ended, firehose / on.valkey.xlen(FIREHOSE))


def _firehose_bytes(on: Stage) -> int:
    weight: Any = on.valkey.memory_usage(FIREHOSE, samples=0)
    return int(weight)


def _tell_queue(on: Stage, queue: Queue, what: str) -> None:
    answer = on.http.post(f"/v1/queues/{queue.value}/{what}")
    assert answer.is_success, answer.text


def singles(on: Stage, count: int) -> list[float]:
    """Return the seconds that each of so many took to its end, one after another."""
    return [_seconds(lambda: _post(on.http, BODY, wait=60)) for _ in range(count)]


def reads(on: Stage) -> float:
    """Return the milliseconds of processor time that one look at a job costs."""
    path = _post(on.http, BODY, wait=60)["links"]["self"]

    def look() -> None:
        for _ in range(READS):
            assert on.http.get(path).is_success

    return 1000 * used_while(on, look).cpu_s["api"] / READS


def payload(on: Stage, order: int, rng: Generator) -> Payload:
    """Send problems that nobody has sent before, and have each looked at once."""
    count = REPEATS[order]
    bodies = [json.dumps(_problem(order, rng)) for _ in range(count)]
    times: list[float] = []
    ids: list[str] = []

    def send() -> None:
        before = on.ended()
        for body in bodies:
            begun = time.perf_counter()
            ids.append(_post(on.http, body)["id"])
            times.append(time.perf_counter() - begun)
        on.wait_for_ended(before + count)

    used = used_while(on, send)
    return Payload(
        order,
        len(bodies[0]),
        1000 * float(np.median(times)),
        _milliseconds(used, count),
        1000 * float(np.median([_solved_seconds(on, each) for each in ids])),
        used.database_bytes / count,
    )


def starts(on: Stage, ids: set[str]) -> tuple[list[float], list[float]]:
    """Return how long each of these waited for a worker, and how long it kept one."""
    query = select(Job.id, Job.created_at, Job.started_at, Job.finished_at).order_by(
        Job.created_at
    )
    with on.database.reading() as connection:
        rows = [row for row in connection.execute(query) if row.id in ids]
    return (
        [row.started_at - row.created_at for row in rows],
        [row.finished_at - row.started_at for row in rows],
    )


def _seconds_from_first_to_last(on: Stage, since: float) -> float:
    """Return how long it took from the first acceptance to the last end."""
    query = select(func.max(Job.finished_at) - func.min(Job.created_at))
    with on.database.reading() as connection:
        found = connection.execute(query.where(Job.created_at >= since))
        return float(found.scalar_one())


def _send_and_wait(on: Stage, jobs: int) -> None:
    before, each = on.ended(), jobs // CLIENTS

    def send() -> None:
        with httpx2.Client(
            base_url=on.stack.api_url,
            trust_env=False,
            timeout=60.0,
            limits=httpx2.Limits(keepalive_expiry=KEPT_SECONDS),
        ) as http:
            for _ in range(each):
                _post(http, BODY)

    threads = [threading.Thread(target=send) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    on.wait_for_ended(before + CLIENTS * each)


def _post(http: httpx2.Client, body: str, *, wait: int = 0) -> Any:
    headers = {"Content-Type": "application/json"}
    if wait:
        headers["Prefer"] = f"wait={wait}"
    answer = http.post("/v1/jobs", content=body.encode(), headers=headers)
    assert answer.is_success, answer.text
    return answer.json()


def _problem(order: int, rng: Generator) -> dict[str, Any]:
    def matrix() -> list[list[int]]:
        rows: list[list[int]] = rng.integers(0, 100, (order, order)).tolist()
        return rows

    if order > MAX_SEARCHED_ORDER:
        return {"instance": {"costs": matrix()}}
    return {
        "instance": {"flow": matrix(), "distance": matrix()},
        "method": "two_swap",
        "limits": {"iterations": 1, "time_s": 60.0},
    }


def _solved_seconds(on: Stage, job_id: str) -> float:
    view = on.http.get(f"/v1/jobs/{job_id}").json()
    assert view["state"] == "succeeded", view
    return float(view["result"]["elapsed_s"])


def _milliseconds(used: Used, count: int) -> dict[str, float]:
    return {part: 1000 * seconds for part, seconds in used.each(count).items()}


def _seconds(doing: Callable[[], object]) -> float:
    begun = time.perf_counter()
    doing()
    return time.perf_counter() - begun
