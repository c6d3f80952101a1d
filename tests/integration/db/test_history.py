"""What ended jobs leave on their rows, and what is counted of it."""

from collections.abc import Callable

import pytest
from alembic import command

from db.contracts.event import JobEnded
from db.contracts.job_state import JobState
from db.contracts.kinds.solve import Certificate, SolveResult
from db.contracts.settings import Settings
from db.contracts.termination import Termination
from db.engine import Database
from db.models import Job
from db.repositories import attempts, equal_work, history, jobs
from db.repositories.history import Totals
from db.schema import alembic_config, ensure_schema
from tests import sample_jobs

CERTIFICATE = Certificate(
    instance="0" * 64,
    permutation=[0, 1, 2, 3],
    objective=200,
    exact=True,
    bound=100,
    bound_name="trivial",
    method="tabu_search",
    method_version="1",
    seed=0,
)
RESULT = SolveResult(
    objective=200,
    permutation=[0, 1, 2, 3],
    bound=100,
    bound_name="trivial",
    best_known=150,
    gap_to_bound=0.5,
    gap_to_best_known=1 / 3,
    termination=Termination.ITERATION_LIMIT,
    iterations=500,
    elapsed_s=0.25,
    method="tabu_search",
    method_version="1",
    seed=0,
    certificate=CERTIFICATE,
)


def end(
    database: Database,
    *,
    state: JobState = JobState.SUCCEEDED,
    result: SolveResult | None = RESULT,
    **of_the_job: object,
) -> str:
    """Run a job to this end; return its id."""
    claimed = sample_jobs.claim(database, sample_jobs.submit(database, **of_the_job))
    told = {} if result is None else result.model_dump(include={*JobEnded.model_fields})
    with database.transaction() as connection:
        attempts.finish(
            connection,
            claimed.job_id,
            attempt=claimed.attempt,
            state=state,
            payload=JobEnded(attempt=claimed.attempt, **told),
            result=None if result is None else result.model_dump_json(),
        )
    return claimed.job_id


def measures(job: Job) -> tuple[float | int | None, ...]:
    return (job.objective, job.quality, job.gap, job.elapsed_s, job.iterations)


def count(database: Database, *, caller: str | None = None, last: int = 100) -> Totals:
    with database.reading() as connection:
        return history.totals(connection, caller=caller, last=last)


def test_an_ended_job_tells_what_it_came_to(database: Database) -> None:
    job = sample_jobs.row(database, end(database))
    assert measures(job) == (200.0, 0.75, pytest.approx(1 / 3), 0.25, 500)


def test_without_a_best_known_the_gap_is_that_to_the_bound(database: Database) -> None:
    result = RESULT.model_copy(update={"best_known": None, "gap_to_best_known": None})
    job = sample_jobs.row(database, end(database, result=result))
    assert (job.quality, job.gap) == (None, 0.5)


def test_what_is_proven_to_be_the_best_has_full_quality(database: Database) -> None:
    proven = {"best_known": None, "gap_to_best_known": None}
    proven |= {"bound": 200, "gap_to_bound": 0.0}
    result = RESULT.model_copy(update=proven)
    job = sample_jobs.row(database, end(database, result=result))
    assert (job.quality, job.gap) == (1.0, 0.0)


def test_a_job_answered_by_equal_work_tells_the_same(database: Database) -> None:
    done, waiting = end(database), sample_jobs.submit(database, held=True)
    with database.transaction() as connection:
        model = jobs.get_job(connection, done, whole=True)
        assert equal_work.end_alike(connection, waiting, model) is not None
    copy = sample_jobs.row(database, waiting)
    assert measures(copy) == measures(sample_jobs.row(database, done))


def test_a_cancelled_job_tells_how_far_it_had_come(database: Database) -> None:
    claimed = sample_jobs.claim_new(database)
    with database.transaction() as connection:
        attempts.give_back(
            connection,
            claimed.job_id,
            attempt=claimed.attempt,
            reason="the worker goes",
            checkpoint=sample_jobs.CHECKPOINT.model_dump_json(),
        )
        jobs.request_cancel(connection, claimed.job_id)
    job = sample_jobs.row(database, claimed.job_id)
    assert measures(job) == (40.0, None, None, 0.5, 7)


def test_nothing_is_counted_before_anything_has_ended(database: Database) -> None:
    sample_jobs.submit(database)
    assert count(database) == Totals(0, 0, 0, None, None, None, None, {})


def test_solves_are_counted_by_method(database: Database) -> None:
    best = RESULT.model_copy(update={"objective": 150, "elapsed_s": 0.75})
    end(database, method="tabu_search")
    end(database, method="tabu_search", result=best)
    end(database, method="memetic", state=JobState.FAILED, result=None)
    end(database, method="memetic", state=JobState.CANCELLED)
    found = count(database)
    assert (found.finished, found.succeeded, found.failed) == (4, 2, 1)
    assert (found.min_quality, found.mean_quality, found.max_quality) == (
        0.75,
        0.875,
        1.0,
    )
    assert found.mean_elapsed_s == 0.5
    tabu, memetic = found.by_method["tabu_search"], found.by_method["memetic"]
    assert (tabu.finished, tabu.succeeded, tabu.mean_quality) == (2, 2, 0.875)
    # What was stopped has found something, and is no measure of the method.
    assert (memetic.finished, memetic.succeeded, memetic.mean_quality) == (2, 0, None)


def test_a_copied_result_is_no_second_measurement(database: Database) -> None:
    done = end(database)
    copy = end(database, result=RESULT.model_copy(update={"elapsed_s": 9.0}))
    sample_jobs.set_row(database, copy, cached_from=done)
    assert (count(database).succeeded, count(database).mean_elapsed_s) == (2, 0.25)


def test_children_of_batches_are_counted_and_islands_are_not(
    database: Database,
) -> None:
    batch = sample_jobs.submit(database, kind="batch", children=1, fan_out=1)
    islands = end(database, kind="islands", method="portfolio")
    end(database, parent_id=batch, position=0)
    end(database, parent_id=islands, position=0)
    found = count(database)
    assert found.finished == 2
    assert set(found.by_method) == {"portfolio", "auto"}


def test_only_the_latest_are_counted_and_only_the_callers_own(
    database: Database,
) -> None:
    end(database, caller="ann", method="old")
    end(database, caller="ann", method="new")
    end(database, caller="bob", method="newest")
    assert set(count(database, last=2).by_method) == {"new", "newest"}
    assert set(count(database, caller="ann").by_method) == {"old", "new"}


def test_rows_of_before_are_filled_in(empty_database_url: str) -> None:
    database = Database(Settings(database_url=empty_database_url))
    try:
        ensure_schema(database)
        job_id = end(database)
        told = sample_jobs.row(database, job_id)
        migrate(database, command.downgrade, "0003")
        migrate(database, command.upgrade, "head")
        job = sample_jobs.row(database, job_id)
    finally:
        database.close()
    assert measures(job) == measures(told)
    assert job.matrix_order == sample_jobs.REQUEST.order


def migrate(database: Database, change: Callable[..., None], revision: str) -> None:
    with database.transaction() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        change(config, revision)
