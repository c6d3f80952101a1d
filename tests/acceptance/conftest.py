"""The whole service in processes of its own, to be broken by the tests."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from api.client import Client, Event, Job
from api.stack import PartName, Stack
from db.contracts.settings import Settings
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
PARTS = (PartName.VALKEY, PartName.SOLVERS, PartName.COURIERS, PartName.API)
SECONDS = 60.0


@dataclass(frozen=True)
class Service:
    """A running stack and a client of it."""

    stack: Stack
    client: Client

    def solver_children(self) -> list[psutil.Process]:
        """Return the processes in which jobs run, of the solvers that live."""
        parent = self.stack.handles[PartName.SOLVERS].pid
        assert parent is not None
        return psutil.Process(parent).children()

    def wait_for(self, job_id: str, is_so: Callable[[Job], bool]) -> Job:
        """Return the job once it is as described."""
        seen: list[Job] = []

        def check() -> bool:
            seen[:] = [self.client.job(job_id)]
            return is_so(seen[0])

        wait_until(check, seconds=SECONDS)
        return seen[0]

    def log_of(self, job_id: str) -> list[Event]:
        """Return an ended job's whole log; check that it is whole."""
        events = list(self.client.events(job_id))
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert [event.is_terminal for event in events] == [False] * (
            len(events) - 1
        ) + [True]
        return events


OpenService = Callable[..., Service]


@pytest.fixture
def open_service(tmp_path: Path) -> Iterator[OpenService]:
    """Start services with settings of the test's own; all end with it."""
    folder = os.environ.get("NUMBA_CACHE_DIR", str(ROOT / ".solvequeue" / "kernels"))
    with ExitStack() as running:

        def start(
            environment: Mapping[str, str] | None = None,
            *,
            parts: Sequence[PartName] = PARTS,
            worker_processes: int = 2,
            database_url: str = "",
        ) -> Service:
            settings = Settings(
                home=tmp_path / "home",
                database_url=database_url,
                api_port=0,
                worker_processes=worker_processes,
                shutdown_seconds=4,
                webhook_allow_cidrs="127.0.0.0/8",
                webhook_backoff_scale=0.01,
                rate_limits="off",
            )
            stack = running.enter_context(
                Stack(
                    settings,
                    parts=parts,
                    environment={"NUMBA_CACHE_DIR": folder, **(environment or {})},
                )
            )
            return Service(stack, running.enter_context(Client(stack.api_url)))

        yield start


@pytest.fixture
def service(open_service: OpenService) -> Service:
    return open_service()
