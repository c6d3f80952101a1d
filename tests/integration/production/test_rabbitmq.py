"""RabbitMQ as the broker: jobs run, and go on after it was restarted or has died."""

import time
from collections.abc import Callable, Iterator

import pytest

from api.client import Client
from api.stack import Stack
from db.contracts.job_state import JobState
from db.embedded_valkey import EmbeddedValkey
from db.reconciler import Reconciler
from tests.conftest import OpenBackplane
from tests.integration.production.conftest import ended, stack_of
from tests.sample_jobs import set_row, submit
from tests.servers.rabbitmq import RabbitMQ, find_rabbitmq
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(
    find_rabbitmq() is None,
    reason="NOT TESTED WITH RABBITMQ: apt-get install rabbitmq-server",
)

QUICK = {"iterations": 2000, "time_s": 5.0}
SECONDS = 120.0


@pytest.fixture(scope="module")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    with RabbitMQ(tmp_path_factory.mktemp("rabbitmq")) as server:
        yield server


@pytest.fixture(scope="module")
def stack(
    rabbitmq: RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("service")
    with (
        EmbeddedValkey(folder / "valkey", append_only=False) as valkey,
        stack_of(
            folder / "home", redis_url=valkey.redis_url, broker_url=rabbitmq.url
        ) as running,
    ):
        yield running


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    with Client(stack.api_url) as opened:
        yield opened


def is_over(client: Client, job_id: str) -> Callable[[], bool]:
    return lambda: client.job(job_id).state.is_final


def succeeds(client: Client, job_id: str) -> None:
    seen = ended(client, job_id)
    assert (seen.state, seen.attempt) == (JobState.SUCCEEDED, 1)
    types = [event.type for event in client.events(job_id)]
    assert (types.count("job.started"), types[-1]) == (1, "job.succeeded")


def test_a_job_runs_from_end_to_end(client: Client) -> None:
    succeeds(client, client.submit_solve("nug12", limits=QUICK, cache=False).id)


def test_jobs_go_on_after_the_broker_was_restarted(
    client: Client, rabbitmq: RabbitMQ
) -> None:
    running = client.submit_solve("tai100a", limits={"time_s": 8.0}, cache=False)
    wait_until(lambda: client.job(running.id).state is JobState.RUNNING)
    # One solver: it waits, as a message on the broker's disk.
    waiting = client.submit_solve("nug15", limits=QUICK, cache=False)
    rabbitmq.stop()
    accepted = client.submit_solve("nug20", limits=QUICK, cache=False)
    rabbitmq.start()
    for job in (running, waiting, accepted):
        # What was accepted meanwhile has no message: it is sent again in time.
        wait_until(is_over(client, job.id), seconds=SECONDS)
        succeeds(client, job.id)


def test_messages_that_are_lost_are_sent_again(
    client: Client, rabbitmq: RabbitMQ
) -> None:
    rabbitmq.control("stop_app")
    rabbitmq.control("reset")
    lost = client.submit_solve("nug16a", limits=QUICK, cache=False)
    rabbitmq.control("start_app")
    wait_until(is_over(client, lost.id), seconds=SECONDS)
    succeeds(client, lost.id)


def test_a_job_that_waits_long_gets_no_second_message(
    open_backplane: OpenBackplane,
    rabbitmq: RabbitMQ,
    sqlite_url: str,
    own_valkey: EmbeddedValkey,
) -> None:
    """The broker tells how many messages it has: enough for the audit."""
    rabbitmq.control("add_vhost", "apart")
    rabbitmq.control("set_permissions", "-p", "apart", "guest", ".*", ".*", ".*")
    backplane = open_backplane(
        database_url=sqlite_url,
        redis_url=own_valkey.redis_url,
        broker_url=f"{rabbitmq.url.removesuffix('/')}apart",
    )
    # No worker has made a queue there yet.
    assert backplane.broker.pending()["interactive"] == []
    for _ in range(3):
        job_id = submit(backplane.database)
        # As if for ten minutes.
        set_row(backplane.database, job_id, available_at=time.time() - 600)
    for _ in range(3):
        Reconciler(backplane).audit()
        wait_until(lambda: backplane.broker.pending()["interactive"] == [""] * 3)
    # And as many again as are lost.
    rabbitmq.control("purge_queue", "-p", "apart", "interactive")
    Reconciler(backplane).audit()
    wait_until(lambda: backplane.broker.pending()["interactive"] == [""] * 3)
