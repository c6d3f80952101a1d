"""An attempt whose surroundings go away in the middle, and come back."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from db.backplane import Backplane
from db.contracts.event import EventType, Progress
from db.contracts.job_kind import JobResult
from db.contracts.job_state import JobState
from db.contracts.termination import Termination
from db.embedded_valkey import EmbeddedValkey
from tests.conftest import OpenBackplane, Switch
from tests.sample_jobs import row, submit
from tests.waiting import wait_until
from worker import attempt as module
from worker.attempt import run_attempt
from worker.context import Context

Handler = Callable[[Any, Context], JobResult]
Install = Callable[[Handler], None]
DONE = JobResult(termination=Termination.OPTIMAL)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that makes a handler the one of every job."""
    return lambda handler: monkeypatch.setattr(
        module, "load_function", lambda _: handler
    )


def test_without_redis_the_job_ends_all_the_same(
    open_backplane: OpenBackplane,
    sqlite_url: str,
    own_valkey: EmbeddedValkey,
    install: Install,
) -> None:
    backplane = open_backplane(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    job_id = submit(backplane.database)

    def handler(_: object, context: Context) -> JobResult:
        progress = Progress(
            attempt=1, method="m", objective=7, iterations=1, elapsed_s=0.1
        )
        context.publish(EventType.JOB_INCUMBENT, progress)
        return DONE

    install(handler)
    own_valkey.stop()
    run_attempt(backplane, job_id)
    assert row(backplane.database, job_id).state == JobState.SUCCEEDED
    own_valkey.start()
    # The rows are the outbox.
    log = [event.type.value for event in backplane.log.read(job_id).events]
    assert log == ["job.queued", "job.started", "job.succeeded"]


def run_while_away(
    backplane: Backplane, switch: Switch, install: Install
) -> tuple[str, threading.Thread]:
    """Start a run whose database goes away before it can write its end."""
    job_id = submit(backplane.database)
    failed = threading.Event()

    def handler(_: object, __: Context) -> JobResult:
        switch.off()
        failed.set()
        return DONE

    install(handler)
    thread = threading.Thread(target=run_attempt, args=(backplane, job_id))
    thread.start()
    assert failed.wait(30)
    return job_id, thread


def test_an_end_waits_for_the_database(
    open_backplane: OpenBackplane,
    switch: Switch,
    valkey: EmbeddedValkey,
    install: Install,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "WRITE_AGAIN_SECONDS", 0.01)
    backplane = open_backplane(
        database_url=switch.url,
        redis_url=valkey.redis_url,
        heartbeat_seconds=0.05,
        self_fence_seconds=50.0,
        lease_seconds=60.0,
    )
    job_id, thread = run_while_away(backplane, switch, install)
    wait_until(lambda: "cannot renew the lease now" in caplog.text)
    assert thread.is_alive()
    switch.on()
    thread.join()
    assert row(backplane.database, job_id).state == JobState.SUCCEEDED
    assert row(backplane.database, job_id).attempt == 1


def test_an_end_that_waited_too_long_is_not_written(
    open_backplane: OpenBackplane,
    switch: Switch,
    valkey: EmbeddedValkey,
    install: Install,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "WRITE_AGAIN_SECONDS", 0.01)
    backplane = open_backplane(
        database_url=switch.url,
        redis_url=valkey.redis_url,
        heartbeat_seconds=0.05,
        self_fence_seconds=0.5,
        lease_seconds=60.0,
    )
    job_id, thread = run_while_away(backplane, switch, install)
    thread.join()
    switch.on()
    assert "lease lost" in caplog.text
    assert row(backplane.database, job_id).state == JobState.RUNNING
