"""Of two beats one is killed or stands still: each due time is started once, by time.

There is no leader whose lease could run out: a due time is claimed in the record.
"""

import os
import signal
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import httpx2
import pytest

from api.stack import PartName
from api.stack.child import Child
from tests.acceptance.conftest import PARTS, OpenService, Service
from tests.acceptance.test_schedules import (
    DETAILS,
    another_beat,
    is_ticking,
    make,
    runs,
)
from tests.waiting import wait_until

EVERY_S = 1
LEASE_SECONDS = 2.0
FROZEN_RUNS = 6
"""Due times that go by while one stands still: three leases of a worker."""


@pytest.fixture
def beats(open_service: OpenService) -> Iterator[tuple[Service, list[Child]]]:
    lease = {
        "SOLVEQUEUE_LEASE_SECONDS": str(LEASE_SECONDS),
        "SOLVEQUEUE_SELF_FENCE_SECONDS": "1.5",
        "SOLVEQUEUE_HEARTBEAT_SECONDS": "0.5",
    }
    service = open_service(DETAILS | lease, parts=(*PARTS, PartName.BEAT))
    first = service.stack.handles[PartName.BEAT]
    assert isinstance(first, Child)
    with another_beat(service) as second:
        wait_until(lambda: all(is_ticking(beat) for beat in (first, second)))
        yield service, [first, second]


def each_once(service: Service, schedule_id: str) -> list[dict[str, Any]]:
    """Return what came of the due times; check that none is missing or came twice."""
    httpx2.post(
        f"{service.stack.api_url}/v1/schedules/{schedule_id}/pause"
    ).raise_for_status()
    told = runs(service, schedule_id)
    assert {run["outcome"] for run in told} == {"started"}, told
    times = [datetime.fromisoformat(run["due_at"]).timestamp() for run in told]
    assert {after - before for before, after in pairwise(times)} == {EVERY_S}
    jobs = [job.id for job in service.client.jobs()]
    assert sorted(jobs) == sorted(run["job_id"] for run in told)
    return told


def stand_still(beat: Child, *, until: Callable[[], bool]) -> None:
    assert beat.pid is not None
    os.kill(beat.pid, signal.SIGSTOP)
    try:
        wait_until(until)
    finally:
        os.kill(beat.pid, signal.SIGCONT)


def more(service: Service, schedule_id: str, count: int) -> Callable[[], bool]:
    """Return whether so many due times more than now have been dealt with."""
    wanted = len(runs(service, schedule_id)) + count
    return lambda: len(runs(service, schedule_id)) >= wanted


def test_those_that_stood_still_or_were_killed_change_no_due_time(
    beats: tuple[Service, list[Child]],
) -> None:
    service, both = beats
    schedule_id = make(service, every_s=EVERY_S)
    wait_until(more(service, schedule_id, 2))
    for beat in both:
        stand_still(beat, until=more(service, schedule_id, FROZEN_RUNS))
        # It sends at once what it has missed: ticks that find nothing due.
        wait_until(more(service, schedule_id, 3))
    for beat in both:
        beat.kill()
        wait_until(more(service, schedule_id, FROZEN_RUNS))
        beat.restart()
        wait_until(more(service, schedule_id, 3))
    each_once(service, schedule_id)
