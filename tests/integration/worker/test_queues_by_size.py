"""Large instances wait in a queue of their own, whoever sends them and how."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from db.acceptance import accept
from db.backplane import Backplane
from db.contracts.identifier import new_id
from db.contracts.job_kind import Queue
from db.contracts.kinds import KINDS
from db.contracts.kinds.batch import BatchRequest, Item
from db.contracts.kinds.solve import Limits, SolveRequest
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from db.repositories import jobs
from db.repositories.jobs import JobFilter
from schedules.dispatch import dispatch
from tests import sample_schedules
from tests.conftest import OpenBackplane
from worker.coordination import lead_on

LARGE_ORDER = 20
ORDERS = pytest.mark.parametrize(
    ("order", "queue"), [(19, Queue.INTERACTIVE), (20, Queue.BULK), (21, Queue.BULK)]
)


def solve(order: int) -> SolveRequest:
    return SolveRequest(instance="0" * 64, order=order, limits=Limits(time_s=1.0))


@pytest.fixture
def backplane(
    open_backplane: OpenBackplane, sqlite_url: str, valkey: EmbeddedValkey
) -> Backplane:
    return open_backplane(
        database_url=sqlite_url, redis_url=valkey.redis_url, large_order=LARGE_ORDER
    )


def queues(backplane: Backplane, *, parent_id: str | None = None) -> set[str]:
    with backplane.database.reading() as connection:
        chosen = JobFilter(parent_id=parent_id)
        found = jobs.list_jobs(connection, chosen, after=None, limit=100)
    return {job.queue for job in found}


@pytest.mark.parametrize("name", ["nug12", "nug30"])
def test_one_that_is_sent(
    tmp_path: Path, backplane: Backplane, sqlite_url: str, name: str
) -> None:
    given = {"database_url": sqlite_url, "redis_url": backplane.settings.redis_url}
    app = create_app(
        Settings(home=tmp_path, large_order=LARGE_ORDER, rate_limits="off", **given)  # type: ignore[arg-type]
    )
    client = TestClient(app, client=("127.0.0.1", 50_000))
    body = {"kind": "solve", "instance": {"name": name}, "limits": {"time_s": 1}}
    answer = client.post("/v1/jobs", json=body)
    app.state.solvequeue.close()
    assert answer.json()["queue"] == ("bulk" if name == "nug30" else "interactive")


@ORDERS
def test_one_of_a_batch(backplane: Backplane, order: int, queue: Queue) -> None:
    request = BatchRequest(items=[Item(index=0, request=solve(order))], fan_out=1)
    new = jobs.describe(KINDS["batch"], request, job_id=new_id("job"), large_order=2)
    with backplane.database.transaction() as connection:
        parent = accept(connection, new).job
    lead_on(backplane, parent.id)
    # The batch itself solves nothing.
    assert queues(backplane) == {Queue.SCHEDULES}
    assert queues(backplane, parent_id=parent.id) == {queue}


@ORDERS
def test_one_of_a_schedule(backplane: Backplane, order: int, queue: Queue) -> None:
    held = sample_schedules.add(
        backplane.database, request=solve(order).model_dump_json()
    )
    sample_schedules.make_due(backplane.database, held.id)
    dispatch(backplane)
    assert queues(backplane) == {queue}


def test_without_the_setting_size_counts_for_nothing() -> None:
    new = jobs.describe(KINDS["solve"], solve(900), job_id="job_1")
    assert new.queue == Queue.INTERACTIVE
