"""An attempt: claimed once, ended once, and what it could not end given back."""

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from redis import Redis

from db import owner
from db.backplane import Backplane
from db.contracts.checkpoint import Checkpoint
from db.contracts.errors import (
    InvalidInputError,
    LeaseLostError,
    UnavailableError,
)
from db.contracts.event import EventType, Progress
from db.contracts.job_kind import JobResult
from db.contracts.job_state import JobState
from db.contracts.termination import Termination
from db.models import Job
from db.repositories import deliveries, rescues
from db.repositories.jobs import database_time
from tests import sample_jobs
from tests.sample_jobs import CHECKPOINT, set_row, submit, types
from tests.sample_webhooks import own_endpoint
from worker import attempt as module
from worker.attempt import run_attempt
from worker.context import Context

Handler = Callable[[Any, Context], JobResult]
Install = Callable[[Handler], None]


class Result(JobResult):
    """What the handlers of these tests give."""

    objective: int = 7


DONE = Result(termination=Termination.OPTIMAL)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that makes a handler the one of every job."""
    return lambda handler: monkeypatch.setattr(
        module, "load_function", lambda _: handler
    )


@pytest.fixture
def job_id(sqlite_backplane: Backplane) -> str:
    return submit(sqlite_backplane.database)


def job(backplane: Backplane, job_id: str) -> Job:
    return sample_jobs.row(backplane.database, job_id)


def log(backplane: Backplane, job_id: str) -> list[str]:
    events = backplane.log.read(job_id).events
    return [event.type.value.removeprefix("job.") for event in events]


def tell(context: Context, objective: int) -> None:
    progress = Progress(
        attempt=context.attempt,
        method="m",
        objective=objective,
        iterations=1,
        elapsed_s=0.1,
        permutation=[1, 0],
    )
    context.publish(EventType.JOB_INCUMBENT, progress)


def test_a_result_ends_the_job(
    sqlite_backplane: Backplane, job_id: str, install: Install
) -> None:
    def handler(_: object, context: Context) -> Result:
        running = job(sqlite_backplane, job_id)
        assert running.state == JobState.RUNNING
        assert running.lease_owner == owner.this_process("here")
        tell(context, 7)
        return DONE

    install(handler)
    run_attempt(sqlite_backplane, job_id)
    ended = job(sqlite_backplane, job_id)
    assert ended.state == JobState.SUCCEEDED
    assert ended.result == DONE.model_dump_json()
    assert log(sqlite_backplane, job_id) == [
        "queued",
        "started",
        "incumbent",
        "succeeded",
    ]
    last = json.loads(sqlite_backplane.log.read(job_id).events[-1].body)["data"]
    assert last == {"attempt": 1, "objective": 7, "termination": "optimal"}


def test_a_second_message_runs_nothing(
    sqlite_backplane: Backplane, job_id: str, install: Install
) -> None:
    runs: list[int] = []

    def handler(_: object, context: Context) -> Result:
        runs.append(context.attempt)
        run_attempt(sqlite_backplane, job_id)
        return DONE

    install(handler)
    run_attempt(sqlite_backplane, job_id)
    run_attempt(sqlite_backplane, job_id)
    run_attempt(sqlite_backplane, "job_none")
    assert runs == [1]


def test_a_cancelled_run_keeps_its_result(
    sqlite_backplane: Backplane, job_id: str, install: Install
) -> None:
    install(lambda *_: Result(termination=Termination.CANCELLED))
    run_attempt(sqlite_backplane, job_id)
    ended = job(sqlite_backplane, job_id)
    assert ended.state == JobState.CANCELLED
    assert ended.result is not None


@pytest.mark.parametrize(
    "termination", set(Termination) - {Termination.CANCELLED, Termination.INTERRUPTED}
)
def test_every_other_end_of_a_run_is_a_success(
    sqlite_backplane: Backplane,
    job_id: str,
    install: Install,
    termination: Termination,
) -> None:
    install(lambda *_: Result(termination=termination))
    run_attempt(sqlite_backplane, job_id)
    assert job(sqlite_backplane, job_id).state == JobState.SUCCEEDED


def raising(error: BaseException) -> Handler:
    def handler(_: object, __: Context) -> Result:
        raise error

    return handler


def error_of(ended: Job) -> str:
    assert ended.error is not None
    return str(json.loads(ended.error)["code"])


def test_a_refused_input_fails_the_job(
    sqlite_backplane: Backplane, job_id: str, install: Install
) -> None:
    install(raising(InvalidInputError("odd", suggestion="Be even.")))
    run_attempt(sqlite_backplane, job_id)
    ended = job(sqlite_backplane, job_id)
    assert ended.state == JobState.FAILED
    assert json.loads(ended.error or "") == {
        "code": "invalid-input",
        "message": "odd",
        "suggestion": "Be even.",
        "retryable": False,
    }


def test_a_crash_fails_the_job_without_telling_its_inside(
    sqlite_backplane: Backplane, job_id: str, install: Install
) -> None:
    install(raising(ZeroDivisionError("secret of the inside")))
    run_attempt(sqlite_backplane, job_id)
    ended = job(sqlite_backplane, job_id)
    assert (ended.state, error_of(ended)) == (JobState.FAILED, "internal")
    assert "secret" not in (ended.error or "")
    assert log(sqlite_backplane, job_id)[-1] == "failed"


def test_a_request_that_no_version_reads_fails_the_job(
    sqlite_backplane: Backplane, install: Install
) -> None:
    job_id = submit(sqlite_backplane.database, request='{"from": "the future"}')
    install(raising(AssertionError("never called")))
    run_attempt(sqlite_backplane, job_id)
    assert error_of(job(sqlite_backplane, job_id)) == "internal"


def test_an_error_that_may_pass_is_tried_again_later_and_not_for_ever(
    sqlite_backplane: Backplane, job_id: str, install: Install
) -> None:
    install(raising(UnavailableError()))
    waits = []
    for _ in range(sqlite_backplane.settings.max_failures - 1):
        run_attempt(sqlite_backplane, job_id)
        waiting = job(sqlite_backplane, job_id)
        assert waiting.state == JobState.QUEUED
        with sqlite_backplane.database.reading() as connection:
            waits.append(waiting.available_at - database_time(connection))
        # Not yet: neither a message nor a claim.
        assert sample_jobs.pending(sqlite_backplane) == set()
        run_attempt(sqlite_backplane, job_id)
        assert job(sqlite_backplane, job_id).attempt == waiting.attempt
        set_row(sqlite_backplane.database, job_id, available_at=0.0)
    run_attempt(sqlite_backplane, job_id)
    ended = job(sqlite_backplane, job_id)
    assert (ended.state, error_of(ended)) == (JobState.FAILED, "unavailable")
    assert 0 < waits[0] <= module.RETRY_SECONDS < waits[1] <= 2 * module.RETRY_SECONDS


def test_an_interrupted_run_is_given_back_with_its_checkpoint(
    sqlite_backplane: Backplane, job_id: str, install: Install, redis: Redis
) -> None:
    def handler(_: object, context: Context) -> Result:
        context.checkpoint(CHECKPOINT)
        return Result(termination=Termination.INTERRUPTED)

    install(handler)
    run_attempt(sqlite_backplane, job_id)
    waiting = job(sqlite_backplane, job_id)
    assert (waiting.state, waiting.failures, waiting.losses) == (JobState.QUEUED, 0, 0)
    assert waiting.checkpoint == CHECKPOINT.model_dump_json()
    assert sample_jobs.pending(sqlite_backplane) == {job_id}
    assert log(sqlite_backplane, job_id) == ["queued", "started", "queued"]


def start_of_second(
    backplane: Backplane, job_id: str, install: Install
) -> Checkpoint | None:
    """Run once more; return where the handler was told to start."""
    starts: list[Checkpoint | None] = []

    def handler(_: object, context: Context) -> Result:
        starts.append(context.start)
        return DONE

    install(handler)
    run_attempt(backplane, job_id)
    (start,) = starts
    return start


@pytest.mark.parametrize("told", [39, 41])
def test_the_next_attempt_starts_from_the_better_of_row_and_log(
    sqlite_backplane: Backplane, job_id: str, install: Install, told: int
) -> None:
    def handler(_: object, context: Context) -> Result:
        context.checkpoint(CHECKPOINT)
        tell(context, told)
        return Result(termination=Termination.INTERRUPTED)

    install(handler)
    run_attempt(sqlite_backplane, job_id)
    start = start_of_second(sqlite_backplane, job_id, install)
    assert start is not None
    assert start.objective == min(told, CHECKPOINT.objective)


def test_without_its_log_the_next_attempt_starts_from_the_row(
    sqlite_backplane: Backplane, job_id: str, install: Install, redis: Redis
) -> None:
    install(lambda *_: Result(termination=Termination.INTERRUPTED))
    run_attempt(sqlite_backplane, job_id)
    set_row(sqlite_backplane.database, job_id, checkpoint=CHECKPOINT.model_dump_json())
    redis.flushall()
    assert start_of_second(sqlite_backplane, job_id, install) == CHECKPOINT


def lose(backplane: Backplane, job_id: str) -> None:
    """Let another process take the job from its running attempt."""
    sample_jobs.end_lease(backplane.database, job_id)
    with backplane.database.transaction() as connection:
        (lost,) = rescues.running_jobs(connection)
        rescues.take_from_lost_attempt(connection, lost, reason="test", max_losses=5)


@pytest.mark.parametrize(
    "ending",
    [
        lambda: DONE,
        lambda: Result(termination=Termination.INTERRUPTED),
        lambda: raising(ZeroDivisionError())(None, None),  # type: ignore[arg-type]
        lambda: raising(LeaseLostError())(None, None),  # type: ignore[arg-type]
        lambda: raising(UnavailableError())(None, None),  # type: ignore[arg-type]
    ],
    ids=["result", "interrupted", "crash", "lost", "unavailable"],
)
def test_an_attempt_that_lost_its_job_writes_nothing(
    sqlite_backplane: Backplane,
    job_id: str,
    install: Install,
    ending: Callable[[], Result],
) -> None:
    def handler(_: object, __: Context) -> Result:
        lose(sqlite_backplane, job_id)
        return ending()

    install(handler)
    run_attempt(sqlite_backplane, job_id)
    assert job(sqlite_backplane, job_id).state == JobState.QUEUED
    expected = ["job.queued", "job.started", "job.attempt_lost"]
    assert types(sqlite_backplane.database, job_id) == expected


def test_the_end_is_owed_to_the_webhook(
    sqlite_backplane: Backplane, job_id: str, install: Install
) -> None:
    own_endpoint(sqlite_backplane.database, job_id)
    install(lambda *_: DONE)
    run_attempt(sqlite_backplane, job_id)
    with sqlite_backplane.database.reading() as connection:
        (owed,) = deliveries.deliveries_of(connection, job_id)
    assert sample_jobs.pending(sqlite_backplane) == {owed.id}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts it")
def test_a_job_that_takes_too_much_fails_once_and_for_all(
    sqlite_backplane: Backplane, job_id: str, install: Install
) -> None:
    most = sqlite_backplane.settings.max_job_bytes

    def handler(_: object, context: Context) -> Result:
        tell(context, 7)
        return Result(objective=np.ones(2 * most, dtype=np.uint8).size)

    install(handler)
    run_attempt(sqlite_backplane, job_id)
    row = job(sqlite_backplane, job_id)
    assert (row.state, row.attempt) == (JobState.FAILED, 1)
    assert row.error is not None
    error = json.loads(row.error)
    assert error["code"] == "memory-limit"
    assert not error["retryable"]
    assert f"{most // 2**20} MiB" in error["message"]
    assert log(sqlite_backplane, job_id)[-1] == "failed"
