from dataclasses import replace

import pytest

from api.capacity.costs import Cost, Costs, JobCosts, shipped_costs
from api.capacity.plan import DAY_SECONDS, POSTGRESQL, SQLITE, Load, plan

JOB = JobCosts(
    api_s=Cost(0.004, 0.001),
    solver_s=Cost(0.01, 0.0),
    redis_s=0.001,
    database_s=0.0,
    held_s=0.005,
    accepting_s=0.002,
    transaction_s=0.001,
    database_bytes=Cost(4000.0, 1000.0),
)
COSTS = Costs(
    machine="nowhere",
    by_database={
        SQLITE: JOB,
        POSTGRESQL: replace(JOB, database_s=0.002),
    },
    read_s=0.002,
    message_s=0.0001,
    socket_bytes=20_000.0,
    check_s=0.01,
    redis_bytes=2e6,
    waiting_bytes=1000.0,
    ended_bytes=3000.0,
    event_bytes=500.0,
)
SMALL = Load(8640.0, 2.0, peak=1.0, new_share=0.0)


def test_a_small_load_is_planned_as_by_hand() -> None:
    found = plan(SMALL, COSTS)
    assert found.database == SQLITE
    assert found.peak_rate == pytest.approx(0.1)
    # 0.1 jobs/s of 2.01 s: one process is busy for a fifth, and 95 % wait too long.
    assert found.solver_processes == 1
    assert found.solver_utilisation == pytest.approx(0.201)
    assert found.p95_wait < SMALL.p95_wait
    # 4 ms to take it, three looks of 2 ms, twenty messages of 0.1 ms.
    assert found.api_utilisation == pytest.approx(0.1 * 0.012)
    # What a job writes, and a heartbeat of what runs every three seconds.
    assert found.lock_utilisation == pytest.approx(0.1 * 0.005 + 0.201 * 0.001 / 3)
    assert found.database_bytes_a_month == pytest.approx(8640 * 30 * 4000)


def test_redis_keeps_the_logs_of_what_ended_too() -> None:
    calm, busy = plan(SMALL, COSTS), plan(replace(SMALL, jobs_per_day=864_000.0), COSTS)
    # Ten a second for ten minutes, each with its milestones and twenty events.
    kept = (10 - 0.1) * 600 * (3000 + 20 * 500)
    there = (busy.waiting + busy.running) - (calm.waiting + calm.running)
    more = kept + there * 1000 + (busy.running - calm.running) * 20 * 500
    assert busy.redis_bytes - calm.redis_bytes == pytest.approx(more)


def test_matrices_cost_by_their_numbers() -> None:
    with_matrices = plan(replace(SMALL, new_share=1.0, order=100), COSTS)
    assert with_matrices.database_bytes_a_month == pytest.approx(8640 * 30 * 24_000)


def test_a_shorter_wait_wants_more_processes() -> None:
    busy = Load(4e4, 2.0, cv=1.5)
    patient = plan(replace(busy, p95_wait=60.0), COSTS)
    hasty = plan(replace(busy, p95_wait=0.5), COSTS)
    assert patient.solver_processes < hasty.solver_processes
    assert hasty.p95_wait <= 0.5 < patient.p95_wait <= 60.0


def test_no_fleet_is_planned_to_the_brim() -> None:
    patient = plan(Load(1e6, 2.0, p95_wait=3600.0), COSTS)
    assert 0.85 < patient.solver_utilisation <= 0.9


def test_a_large_load_leaves_sqlite() -> None:
    large = plan(Load(5e6, 0.2), COSTS)
    assert large.database == POSTGRESQL
    assert large.lock_utilisation == 0.0
    assert large.database_cores == pytest.approx(5e6 / DAY_SECONDS * 2 * 0.002)


def test_sqlite_may_be_asked_about_all_the_same() -> None:
    found = plan(Load(1.2e7, 0.2), COSTS, database=SQLITE)
    assert found.lock_utilisation > 1.0
    # It breaks before the load is reached, and says so first.
    assert found.limits[0].part == "SQLite's write lock"
    assert found.limits[0].jobs_per_day < 1.2e7


def test_what_breaks_first_comes_first() -> None:
    limits = plan(Load(1e6, 2.0), COSTS).limits
    assert [each.jobs_per_day for each in limits] == sorted(
        each.jobs_per_day for each in limits
    )
    # The fleet was planned for this load: none of it is beyond itself.
    assert limits[0].jobs_per_day > 1e6


def test_what_comes_along_is_whole() -> None:
    costs = shipped_costs()
    assert set(costs.by_database) == {SQLITE, POSTGRESQL}
    for job in costs.by_database.values():
        assert job.api_s.fixed > 0
        assert job.solver_s.fixed > 0
        assert 0 < job.accepting_s < job.held_s
        assert 0 < job.transaction_s < job.held_s
        assert job.database_bytes.fixed > 0
        assert job.redis_s > 0
    assert costs.by_database[POSTGRESQL].database_s > 0
    assert costs.machine
