import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from api.capacity.costs import Costs
from tests.benchmarks.capacity.fitting import fit, line, numbers_of

BYTES = (4000.0, 900.0)
API_S, API_SLOPE_S = 0.004, 0.0006


def run(processes: int) -> dict[str, Any]:
    cpu = {"api": 4.0, "solvers": 6.0, "valkey": 0.7, "postgresql": 1.5}
    return {"processes": processes, "cpu_ms": cpu}


def payload(order: int) -> dict[str, Any]:
    thousands = numbers_of(order) / 1000
    api_ms = 1000 * (API_S + API_SLOPE_S * thousands)
    return {
        "order": order,
        "cpu_ms": {"api": api_ms, "solvers": 6.0 + 0.2 * thousands},
        "database_bytes": BYTES[0] + BYTES[1] * thousands,
    }


def told() -> dict[str, Any]:
    of_one = {
        "held": {"held_ms": 3.0, "accepting_ms": 1.0, "transactions": 6.0},
        "redis": {
            "empty": 2e6,
            "waiting_job": 900.0,
            "ended_job": 2000.0,
            "event": 450.0,
        },
        "read_ms": 1.5,
        "throughputs": [run(1), run(2)],
        "payloads": [payload(order) for order in (2, 20, 100, 256, 1000)],
        "others_cores": 0.3,
    }
    return {
        "machine": {"cores": 2, "machine": "x86_64", "at": "2026-11-23"},
        "databases": [
            {"database": name, **of_one} for name in ("sqlite", "postgresql")
        ],
        "sockets": {
            "rate": 20.0,
            "measured": [{"sockets": 200, "cpu": 0.08, "idle_kib": 11.0}],
        },
        "providers": {"check_cpu_ms": 5.0},
    }


def test_a_known_line_is_found_again() -> None:
    found = line([(x, 3.0 + 0.5 * x) for x in (0.01, 1.0, 20.0, 1000.0)])
    assert found.fixed == pytest.approx(3.0)
    assert found.per_thousand == pytest.approx(0.5)


def test_no_cost_is_negative() -> None:
    steep = line([(1.0, 0.1), (10.0, 2.0), (100.0, 30.0)])
    falling = line([(1.0, 3.0), (10.0, 2.0), (100.0, 1.0)])
    assert steep.fixed == 0.0
    assert steep.per_thousand > 0
    assert falling.per_thousand == 0.0
    assert falling.fixed > 0


def test_the_costs_behind_measurements_are_found_and_can_be_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "costs.json"
    path.write_text(json.dumps(fit(told())))
    costs = Costs.load(path)
    job = costs.by_database["postgresql"]
    assert job.api_s.fixed == pytest.approx(API_S)
    assert job.api_s.per_thousand == pytest.approx(API_SLOPE_S)
    assert asdict(job.database_bytes) == pytest.approx(
        {"fixed": BYTES[0], "per_thousand": BYTES[1]}
    )
    assert job.transaction_s == pytest.approx(0.0005)
    # 0.08 cores for 4000 messages a second.
    assert costs.message_s == pytest.approx(20e-6)
