"""The master of the events and hints dies while jobs run; its replica takes over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.client import Client
from db.contracts.job_state import JobState
from tests.integration.production.conftest import ended, stack_of
from tests.servers.sentinels import Replicated, Sentinels, replicated
from tests.waiting import wait_until

QUICK = {"time_s": 5.0, "iterations": 2000}


@pytest.fixture
def master(tmp_path: Path) -> Iterator[Replicated]:
    """Yield one whose replica may take over."""
    with replicated(tmp_path) as (server, _):
        yield server


@pytest.fixture
def sentinels(tmp_path: Path, master: Replicated) -> Iterator[Sentinels]:
    with Sentinels(tmp_path / "sentinels", master) as running:
        yield running


def test_a_master_that_dies_while_jobs_run_costs_none_of_them(
    tmp_path: Path, master: Replicated, sentinels: Sentinels
) -> None:
    with (
        stack_of(tmp_path / "home", redis_url=sentinels.url) as stack,
        Client(stack.api_url) as client,
    ):
        running = client.submit_solve("tai100a", limits={"time_s": 8.0})
        wait_until(lambda: client.job(running.id).progress is not None)
        # It waits, by a hint that only the old master has.
        waiting = client.submit_solve("nug12", limits=QUICK)
        master.kill()
        # The record takes it; nobody can be told yet.
        accepted = client.submit_solve("nug15", limits=QUICK)
        wait_until(lambda: sentinels.master_port() != master.port)
        later = client.submit_solve("nug20", limits=QUICK)
        for job in (running, waiting, accepted, later):
            seen = ended(client, job.id)
            assert (seen.state, seen.attempt) == (JobState.SUCCEEDED, 1)
            told = list(client.events(job.id))
            # A log that the failover has cut goes on as another, told from its start.
            events = [event for event in told if event.epoch == told[-1].epoch]
            types = [event.type for event in events]
            assert [event.number for event in events] == [*range(1, len(types) + 1)]
            assert (types[0], types[-1]) == ("job.queued", "job.succeeded")
            assert types.count("job.started") == 1
