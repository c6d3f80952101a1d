"""A steady load on the running stack, and how long its jobs wait for a worker."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from tests.benchmarks.capacity.measuring import starts
from tests.benchmarks.capacity.simulation import gamma
from tests.benchmarks.capacity.stage import Stage

SENDERS = 16
SHORTEST_SECONDS = 0.02
"""A solve stops between two slices: what is shorter takes as long."""
INSTANCE = "tai60a"


@dataclass(frozen=True)
class Arrivals:
    """When jobs are sent and how long each is to solve, in seconds."""

    at: list[float]
    solving: list[float]


@dataclass(frozen=True)
class Waited:
    """What a load came to."""

    waits: list[float]
    """Of each job, from its acceptance to its start, by the database's clock."""
    occupied: list[float]
    """How long each kept a worker, from its start to its end."""


def draw(
    *, rate: float, mean_s: float, cv: float, seconds: float, rng: Generator
) -> Arrivals:
    """Draw Poisson arrivals, and gamma-distributed solving times (cv 0: alike)."""
    count = int(rng.poisson(rate * seconds))
    at = np.sort(rng.uniform(0.0, seconds, count))
    drawn = np.maximum(gamma(mean_s, cv, count, rng), SHORTEST_SECONDS)
    return Arrivals(at.tolist(), drawn.tolist())


def live(on: Stage, arrivals: Arrivals) -> Waited:
    """Send each job when it is due, whatever became of those before it."""
    ids: list[str] = []
    noting = threading.Lock()
    before, begun = on.ended(), time.monotonic()

    def send(number: int, seconds: float) -> None:
        body = {
            "instance": {"name": INSTANCE},
            "method": "iterated_tabu",
            "limits": {"time_s": seconds},
            "seed": number,
            "cache": False,
        }
        headers = {"Content-Type": "application/json"}
        answer = on.http.post("/v1/jobs", content=json.dumps(body), headers=headers)
        assert answer.is_success, answer.text
        with noting:
            ids.append(answer.json()["id"])

    with ThreadPoolExecutor(SENDERS) as senders:
        sent = []
        for number, (at, seconds) in enumerate(
            zip(arrivals.at, arrivals.solving, strict=True)
        ):
            time.sleep(max(0.0, begun + at - time.monotonic()))
            sent.append(senders.submit(send, number, seconds))
        for each in sent:
            each.result()
    on.wait_for_ended(before + len(ids))
    waits, occupied = starts(on, set(ids))
    return Waited(waits, occupied)
