"""RabbitMQ as the broker: jobs run, and go on after it was restarted or has died."""

from collections.abc import Callable, Iterator

import pytest

from api.client import Client
from api.stack import Stack
from db.broker import Broker
from db.contracts.job_state import JobState
from db.embedded_valkey import EmbeddedValkey
from tests.integration.production.conftest import ended, stack_of
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


def test_a_hint_that_is_lost_is_sent_again_and_not_every_second(
    client: Client, stack: Stack, rabbitmq: RabbitMQ
) -> None:
    """It cannot be asked what it has: the audit goes by how long jobs have waited."""
    broker = Broker(stack.settings.model_copy(update={"broker_url": rabbitmq.url}))
    assert broker.pending() is None
    broker.close()
    rabbitmq.control("stop_app")
    rabbitmq.control("reset")
    lost = client.submit_solve("nug16a", limits=QUICK, cache=False)
    rabbitmq.control("start_app")
    wait_until(is_over(client, lost.id), seconds=SECONDS)
    succeeds(client, lost.id)
