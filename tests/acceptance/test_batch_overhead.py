"""A batch of many small solves: what the service adds to the bare solving.

BATCH_JOBS=1000 pytest -s tests/acceptance/test_batch_overhead.py
"""

import json
import os
import time

import httpx2
import numpy as np

from tests.acceptance.conftest import Service
from worker import qap
from worker.qap import qaplib

JOBS = int(os.environ.get("BATCH_JOBS", "100"))
ITERATIONS = 20_000
WORKERS = 2


def bare_seconds() -> float:
    """Return how long the same solves take, one after another, without a service."""
    instance = qaplib.load("nug12")
    rules = [qap.IterationLimit(ITERATIONS)]
    qap.solve(instance, "tabu_search", stop=rules, rng=np.random.default_rng(0))
    start = time.perf_counter()
    for seed in range(JOBS):
        rng = np.random.default_rng(seed)
        qap.solve(instance, "tabu_search", stop=rules, rng=rng)
    return time.perf_counter() - start


def test_a_batch_of_small_solves_costs_little_more_than_they_do(
    service: Service,
) -> None:
    items = [
        {
            "instance": {"name": "nug12"},
            "method": "tabu_search",
            "seed": seed,
            "limits": {"iterations": ITERATIONS},
        }
        for seed in range(JOBS)
    ]
    bare = bare_seconds()
    with httpx2.Client(base_url=service.stack.api_url, timeout=900) as client:
        start = time.perf_counter()
        view = client.post("/v1/batches", json={"items": items}).json()
        with client.stream("GET", view["links"]["results"] + "?follow=true") as answer:
            lines = [json.loads(line) for line in answer.iter_lines()]
        total = time.perf_counter() - start
        view = client.get(view["links"]["self"]).json()
    assert sorted(line["index"] for line in lines) == list(range(JOBS))
    assert view["state"] == "succeeded"
    assert view["counts"]["succeeded"] == JOBS
    ideal = bare / WORKERS
    print(
        f"\n{JOBS} solves on {WORKERS} workers: {total:.1f} s; bare, in a row: "
        f"{bare:.1f} s; ratio to {WORKERS} ideal workers {total / ideal:.2f}, "
        f"{1000 * (total * WORKERS - bare) / JOBS:.1f} ms of a worker for each"
    )
