"""The API is killed and restarted again and again; who follows a job misses nothing.

RELAY_RESTARTS=20 RELAY_SOLVES=50 RELAY_FOLLOWERS=200 \
  pytest -s tests/acceptance/test_restarted_relay.py
"""

import hashlib
import os
import statistics
import time
import zlib
from collections.abc import Sequence
from contextlib import closing

import psutil
import pytest

from api.client import Job
from api.stack import PartName
from api.stack.child import Child
from db.engine import Database
from db.repositories import logs
from tests.acceptance.conftest import OpenService, Service
from tests.acceptance.followers import Heard, following
from tests.waiting import wait_until

RESTARTS = int(os.environ.get("RELAY_RESTARTS", "2"))
SOLVES = int(os.environ.get("RELAY_SOLVES", "6"))
FOLLOWERS = int(os.environ.get("RELAY_FOLLOWERS", "24"))
INSTANCES = ("tai100a", "sko81", "wil100", "tai80a")
ENDLESS_SECONDS = 3000.0
BRIEF_SECONDS = 2.0
"""For each restart, of the solves that end by themselves."""
READY_SECONDS = 120.0


@pytest.mark.timeout(300 + 60 * RESTARTS)
def test_followers_have_the_whole_log_however_often_the_api_dies(
    open_service: OpenService,
) -> None:
    # All of them run at once.
    service = open_service(worker_processes=SOLVES)
    make_way(service)
    jobs = [submit(service, number) for number in range(SOLVES)]
    followed = [jobs[number % SOLVES].id for number in range(FOLLOWERS)]
    endless = [job.id for job in jobs if job.limits["time_s"] == ENDLESS_SECONDS]
    begin = time.monotonic()
    with following(service.stack.api_url, followed) as followers:
        wait_until(lambda: all_follow(service, followed), seconds=READY_SECONDS)
        ready = [
            restart(service, number, endless[number :: RESTARTS + 1], followed)
            for number in range(RESTARTS)
        ]
        for job_id in endless[RESTARTS :: RESTARTS + 1]:
            service.client.cancel(job_id)
        heard = followers.heard(seconds=READY_SECONDS)
    seconds = time.monotonic() - begin
    archived = archived_logs(service, [job.id for job in jobs])
    tell(heard, archived, ready, seconds)
    assert [each.error for each in heard if each.error] == []
    for each in heard:
        lines = archived[each.job_id]
        assert each.numbers == list(range(1, len(lines) + 1))
        assert each.ends == [False] * (len(lines) - 1) + [True]
        assert each.digest == digest_of(lines)
    # Those of them that were there from the first restart on have come back.
    assert sum(len(each.opened) for each in heard) > FOLLOWERS


def make_way(service: Service) -> None:
    """Let the API go before the solvers, of which there are more than cores."""
    pid = service.stack.handles[PartName.SOLVERS].pid
    for process in [psutil.Process(pid), *service.solver_children()]:
        process.nice(19)


def submit(service: Service, number: int) -> Job:
    """Send a solve; every third ends by itself, sooner or later."""
    ends = number % 3 == 2
    time_s = 1.0 + BRIEF_SECONDS * RESTARTS * number / SOLVES
    return service.client.submit_solve(
        INSTANCES[number % len(INSTANCES)],
        method="tabu_search",
        seed=number,
        limits={"time_s": time_s if ends else ENDLESS_SECONDS},
    )


def restart(
    service: Service, number: int, leaving: Sequence[str], followed: Sequence[str]
) -> float:
    """Kill the API or ask it to go; return when there is another.

    Some jobs end while it is away. Every other time it dies again before all of its
    followers are back.
    """
    api = service.stack.handles[PartName.API]
    assert isinstance(api, Child)
    for job_id in leaving:
        service.client.cancel(job_id)
    if number % 2:
        api.stop()
    else:
        api.kill()
    api.start()
    api.wait_until_ready(timeout_seconds=READY_SECONDS)
    ready = time.monotonic()
    if number % 2:
        wait_until(lambda: clients(service) > 0, seconds=READY_SECONDS)
    else:
        wait_until(lambda: all_follow(service, followed), seconds=READY_SECONDS)
    return ready


def all_follow(service: Service, followed: Sequence[str]) -> bool:
    """Return whether each follower of a job that goes on has a stream open."""
    going = {
        job.id
        for state in ("queued", "running")
        for job in service.client.jobs(state=state)
    }
    return clients(service) >= sum(job_id in going for job_id in followed)


def clients(service: Service) -> int:
    """Return how many follow, as the API itself says."""
    text = service.client._transport.get("/metrics/prometheus").text
    name = "solvequeue_stream_clients "
    return int(
        next(
            float(line.removeprefix(name))
            for line in text.splitlines()
            if line.startswith(name)
        )
    )


def archived_logs(service: Service, job_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the lines of each log as the database keeps them for good."""
    with closing(Database(service.stack.settings)) as database:

        def read() -> dict[str, list[str]]:
            with database.reading() as connection:
                found = [logs.get_log(connection, job_id) for job_id in job_ids]
            return {
                log.job_id: zlib.decompress(log.lines).decode().split("\n")
                for log in found
                if log is not None
            }

        wait_until(lambda: len(read()) == len(job_ids), seconds=READY_SECONDS)
        return read()


def digest_of(lines: Sequence[str]) -> str:
    return hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()


def tell(
    heard: Sequence[Heard],
    archived: dict[str, list[str]],
    ready: Sequence[float],
    seconds: float,
) -> None:
    """Print the numbers of the run."""
    opened = sorted(at for each in heard for at in each.opened)
    waits = [
        at - up
        for up, then in zip(ready, [*ready[1:], float("inf")], strict=True)
        for at in opened
        if up <= at < then
    ]
    told = sum(len(each.numbers) for each in heard)
    lengths = sorted(map(len, archived.values()))
    print(
        f"\n{len(ready)} restarts, {len(archived)} solves, {len(heard)} followers: "
        f"{told} events told over {len(opened)} connections in {seconds:.0f} s; "
        f"logs of {lengths[0]} to {lengths[-1]} events; back when the API was ready: "
        f"p50 {statistics.median(waits):.2f} s, worst {max(waits):.2f} s later"
    )
