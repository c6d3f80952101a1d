"""Two beats, one run; and after an outage one, not all that were missed."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from typing import Any

import httpx2
import pytest

from api.stack import PartName
from api.stack.child import Child
from api.stack.environment import child_environment
from db.contracts.job_state import JobState
from db.engine import Database
from tests.acceptance.conftest import PARTS, OpenService, Service
from tests.sample_schedules import make_due
from tests.waiting import wait_until

RUNS = 20
EVERY_S = 2
# Without it no one writes of ticks.
DETAILS = {"SOLVEQUEUE_LOG_LEVEL": "DEBUG"}
QUICK = {"instance": {"name": "nug12"}, "limits": {"iterations": 100}}


@contextmanager
def another_beat(service: Service) -> Iterator[Child]:
    """Run a second beat, which knows nothing of the first."""
    stack, first = service.stack, service.stack.descriptions[PartName.BEAT]
    assert stack.valkey is not None
    servers = {
        "REDIS_URL": stack.valkey.redis_url,
        "BROKER_URL": stack.valkey.broker_url,
    }
    beat = Child(
        "another beat",
        [*first.command, f"--schedule={stack.home / 'another-beat-schedule'}"],
        environment=child_environment(stack.settings, servers | DETAILS),
        log_path=stack.home / "logs" / "another-beat.log",
    )
    beat.start()
    try:
        yield beat
    finally:
        beat.stop()


@pytest.fixture
def service(open_service: OpenService) -> Service:
    return open_service(DETAILS, parts=(*PARTS, PartName.BEAT))


@pytest.fixture
def beats(service: Service) -> Iterator[list[Child]]:
    """Return both beats of a service that has two."""
    first = service.stack.handles[PartName.BEAT]
    assert isinstance(first, Child)
    with ExitStack() as running:
        yield [first, running.enter_context(another_beat(service))]


def make(service: Service, **fields: Any) -> str:
    body = {"name": "often", "job": QUICK, "overlap": "allow", **fields}
    answer = httpx2.post(f"{service.stack.api_url}/v1/schedules", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def runs(service: Service, schedule_id: str) -> list[dict[str, Any]]:
    """Return what came of the due times, oldest first."""
    path = f"/v1/schedules/{schedule_id}/runs?limit=200"
    items: list[dict[str, Any]] = httpx2.get(service.stack.api_url + path).json()[
        "items"
    ]
    return items[::-1]


def is_ticking(beat: Child) -> bool:
    return "schedules.dispatch" in beat.log_path.read_text()


def test_two_beats_make_one_run_of_each_due_time(
    service: Service, beats: list[Child]
) -> None:
    wait_until(lambda: all(is_ticking(beat) for beat in beats))
    schedule_id = make(service, every_s=EVERY_S)
    wait_until(lambda: len(runs(service, schedule_id)) >= RUNS, seconds=3 * 60)
    paused = httpx2.post(f"{service.stack.api_url}/v1/schedules/{schedule_id}/pause")
    assert paused.json()["next_at"] is None

    told = runs(service, schedule_id)
    assert {(run["outcome"], run["cause"]) for run in told} == {("started", "due")}
    seconds = [float(run["due_at"][-7:-1]) for run in told]
    steps = {(after - before) % 60 for before, after in pairwise(seconds)}
    assert steps == {EVERY_S}
    # As many jobs as due times, and each of them ran once.
    jobs = list(service.client.jobs())
    assert {job.id for job in jobs} == {run["job_id"] for run in told}
    assert len(jobs) == len(told)
    for job in jobs:
        ended = service.wait_for(job.id, lambda seen: seen.state.is_final)
        assert ended.state is JobState.SUCCEEDED
        types = [event.type for event in service.log_of(job.id)]
        assert types.count("job.started") == 1


def test_after_an_outage_of_beat_there_is_one_run_to_catch_up(
    service: Service, beats: list[Child]
) -> None:
    wait_until(lambda: all(is_ticking(beat) for beat in beats))
    schedule_id = make(service, every_s=600)
    for beat in beats:
        beat.kill()
    database = Database(service.stack.settings)
    # As if beat had been away for that long.
    make_due(database, schedule_id, seconds_ago=600 * 20 + 300)
    database.close()
    for beat in beats:
        beat.restart()
    wait_until(lambda: len(runs(service, schedule_id)) >= 2)
    missed, caught_up = runs(service, schedule_id)
    assert (missed["reason"], missed["times"]) == ("missed", 20)
    assert (caught_up["cause"], caught_up["outcome"]) == ("catch_up", "started")
    job = service.wait_for(caught_up["job_id"], lambda seen: seen.state.is_final)
    assert job.state is JobState.SUCCEEDED
