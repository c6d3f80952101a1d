"""What only the asynchronous client can do: many calls at once, and giving up."""

import anyio
import pytest

from api.client import AsyncClient, Job, Solution
from db.backplane import Backplane
from tests.integration.api.live import LiveApi
from tests.one_worker import working

COUNT = 8


def test_one_client_serves_many_tasks_at_once(
    live: LiveApi, app_backplane: Backplane
) -> None:
    found: dict[int, Solution] = {}

    async def solve(client: AsyncClient, seed: int) -> None:
        limits = {"iterations": 100}
        found[seed] = await client.solve("nug12", seed=seed, limits=limits)

    async def main() -> list[Job]:
        async with AsyncClient(live.url) as client, anyio.create_task_group() as group:
            for seed in range(COUNT):
                group.start_soon(solve, client, seed)
        async with AsyncClient(live.url) as client:
            return [job async for job in client.jobs(limit=3)]

    with working(app_backplane):
        jobs = anyio.run(main)
    assert len(jobs) == COUNT
    assert {each.certificate.seed for each in found.values()} == set(range(COUNT))


def test_who_gives_up_waiting_leaves_nothing_open(live: LiveApi) -> None:
    async def main() -> Job:
        async with AsyncClient(live.url) as client:
            job = await client.submit_solve("nug12")
            with anyio.move_on_after(0.3) as scope:
                await client.wait(job.id)
            assert scope.cancelled_caught
            with anyio.move_on_after(0.3) as scope:
                async for event in client.events(job.id):
                    assert event.type == "job.queued"
            assert scope.cancelled_caught
            return await client.cancel(job.id)

    assert anyio.run(main).state == "cancelled"


def test_a_client_is_closed_with_its_block(live: LiveApi) -> None:
    async def main() -> None:
        async with AsyncClient(live.url) as client:
            await client.methods()
        with pytest.raises(RuntimeError, match="closed"):
            await client.methods()

    anyio.run(main)
