"""From what was measured to the costs that a plan leans on."""

from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np

from api.capacity.costs import Cost

MAX_FITTED_ORDER = 256
"""Of the worker's part: beyond it what is measured is mostly solving."""


def fit(told: dict[str, Any]) -> dict[str, Any]:
    """Return the costs, ready for `api/capacity/costs.json`."""
    databases = {each["database"]: each for each in told["databases"]}
    redis = [each["redis"] for each in databases.values()]
    machine = told["machine"]
    return {
        "machine": (
            f"{machine['cores']} cores, {machine['machine']}, {machine['at']}; other "
            f"work took {max(e['others_cores'] for e in databases.values()):.1f} cores"
        ),
        "by_database": {name: _of_jobs(each) for name, each in databases.items()},
        "read_s": median(each["read_ms"] for each in databases.values()) / 1000,
        "message_s": _message_seconds(told["sockets"]),
        "socket_bytes": 1024
        * median(each["idle_kib"] for each in told["sockets"]["measured"]),
        "check_s": told["providers"]["check_cpu_ms"] / 1000,
        "redis_bytes": median(each["empty"] for each in redis),
        "waiting_bytes": median(each["waiting_job"] for each in redis),
        "ended_bytes": median(each["ended_job"] for each in redis),
        "event_bytes": median(each["event"] for each in redis),
    }


def line(points: Sequence[tuple[float, float]]) -> Cost:
    """Return the line through costs by thousands of numbers, by relative errors.

    Neither part may be negative: where the best line's is, it is nought.
    """
    thousands, costs = np.array(points).T
    weighed = np.column_stack([1 / costs, thousands / costs])
    (fixed, slope), *_ = np.linalg.lstsq(weighed, np.ones(len(costs)), rcond=None)
    if fixed < 0:
        fixed, slope = 0.0, 1 / np.mean(thousands / costs)
    if slope < 0:
        fixed, slope = 1 / np.mean(1 / costs), 0.0
    return Cost(float(fixed), float(slope))


def numbers_of(order: int) -> int:
    """Return how many numbers the measured job of this order has in its body."""
    matrices = 2 if order <= MAX_FITTED_ORDER else 1
    return matrices * order**2


def _of_jobs(each: dict[str, Any]) -> dict[str, Any]:
    throughputs, payloads = each["throughputs"], each["payloads"]

    def seconds(part: str) -> float:
        return median(run["cpu_ms"].get(part, 0.0) for run in throughputs) / 1000

    held = each["held"]
    return {
        "api_s": _as_told(_cost(payloads, "api", fixed=seconds("api"))),
        "solver_s": _as_told(_cost(payloads, "solvers", fixed=seconds("solvers"))),
        "redis_s": seconds("valkey"),
        "database_s": seconds("postgresql"),
        "held_s": held["held_ms"] / 1000,
        "accepting_s": held["accepting_ms"] / 1000,
        "transaction_s": held["held_ms"] / held["transactions"] / 1000,
        "database_bytes": _as_told(
            line(
                [
                    (numbers_of(one["order"]) / 1000, one["database_bytes"])
                    for one in payloads
                ]
            )
        ),
    }


def _cost(payloads: Sequence[dict[str, Any]], part: str, *, fixed: float) -> Cost:
    """Return the line of a part's time; very small problems are trivial jobs.

    Those are known better from thousands of them, so that the line begins there.
    """
    points = [
        (numbers_of(one["order"]) / 1000, one["cpu_ms"][part] / 1000 - fixed)
        for one in payloads
        if part == "api" or one["order"] <= MAX_FITTED_ORDER
    ]
    large = [(x, y) for x, y in points if x >= 1 and y > 0]
    slope = median(y / x for x, y in large) if large else 0.0
    return Cost(fixed, slope)


def _message_seconds(sockets: dict[str, Any]) -> float:
    """Return the time of the API that one message to one socket takes."""
    rate = sockets["rate"]
    return median(
        each["cpu"] / (rate * each["sockets"]) for each in sockets["measured"]
    )


def _as_told(cost: Cost) -> dict[str, float]:
    return {"fixed": cost.fixed, "per_thousand": cost.per_thousand}
