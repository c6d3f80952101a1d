"""Redis behind TLS, client certificates and an ACL: a service needs no more of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest
import redis

from api.client import Client
from api.stack import PartName, Stack
from db.broker import Broker
from db.contracts.job_state import JobState
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from db.redis_client import connect
from tests.integration.production.conftest import PARTS, ROOT, ended, stack_of
from tests.servers.certificates import Authority, Pair
from tests.servers.tls_front import TlsFront
from tests.waiting import wait_until

ACL = ROOT / "deploy" / "redis" / "solvequeue.acl"
PASSWORD = "not a secret: /?#@"
QUICK = {"time_s": 5.0, "iterations": 2000}


@dataclass(frozen=True)
class Guarded:
    """A server that only those with a certificate and a password enter."""

    valkey: EmbeddedValkey
    port: int
    authority: Authority
    client: Pair

    def url(self, *, user: str = "solvequeue", **query: object) -> str:
        told = {
            "ssl_ca_certs": self.authority.path,
            "ssl_certfile": self.client.certificate,
            "ssl_keyfile": self.client.key,
            **query,
        }
        given = urlencode({name: each for name, each in told.items() if each})
        login = f"{user}:not%20a%20secret%3A%20%2F%3F%23%40"
        return f"rediss://{login}@127.0.0.1:{self.port}/0?{given}"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    authority = Authority(folder / "tls")
    with EmbeddedValkey(folder / "valkey", append_only=False) as valkey:
        with redis.Redis.from_url(valkey.redis_url) as admin:
            _, name, *rules = ACL.read_text().split()
            admin.execute_command("ACL SETUSER", "admin", "on", "nopass", "+@all")
            admin.execute_command("ACL SETUSER", name, *rules, f">{PASSWORD}")
            admin.execute_command("ACL SETUSER", "default", "off")
        front = TlsFront(valkey.socket_path, authority.sign("server"), authority.path)
        with front:
            yield Guarded(valkey, front.port, authority, authority.sign("client"))


@pytest.fixture(scope="module")
def stack(
    guarded: Guarded, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    everything = (*PARTS, PartName.BEAT, PartName.FLOWER)
    home = tmp_path_factory.mktemp("home")
    with stack_of(home, parts=everything, redis_url=guarded.url()) as running:
        yield running


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[Client]:
    with Client(stack.api_url) as opened:
        yield opened


def denied(guarded: Guarded) -> list[object]:
    """Return what the rules have forbidden, of all there was so far."""
    url = guarded.valkey.redis_url.replace("unix://", "unix://admin:any@")
    with redis.Redis.from_url(url, decode_responses=True) as admin:
        return [
            entry["object"] for entry in admin.acl_log() if entry["reason"] != "auth"
        ]


def test_jobs_run_under_the_rules_and_nothing_is_denied(
    guarded: Guarded, stack: Stack, client: Client
) -> None:
    job = client.submit_solve("nug12", limits=QUICK)
    events = list(client.events(job.id))
    assert ended(client, job.id).state is JobState.SUCCEEDED
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    again = client.submit_solve("nug12", limits=QUICK)
    assert ended(client, again.id).state is JobState.SUCCEEDED
    running = client.submit_solve("tai100a", limits={"time_s": 60.0})
    wait_until(lambda: client.job(running.id).state is JobState.RUNNING)
    client.cancel(running.id)
    assert ended(client, running.id).state is JobState.CANCELLED
    for page in ("/v1/queues", "/health", "/api/v1/metrics", "/api/cache/stats"):
        answer = httpx2.get(f"{stack.api_url}{page}", timeout=30)
        assert answer.status_code in (200, 404), page
    workers = httpx2.get(
        f"{stack.plan.flower_url}/api/workers?refresh=1",
        auth=("admin", stack.plan.flower_password),
        timeout=30,
    )
    assert workers.status_code == 200, workers.text
    assert denied(guarded) == []


@pytest.mark.parametrize(
    "command",
    ["KEYS *", "FLUSHALL", "CONFIG GET dir", "GET theirs", "SET theirs 1", "ACL LIST"],
)
def test_the_user_may_nothing_else(guarded: Guarded, command: str) -> None:
    with (
        connect(Settings(redis_url=guarded.url())) as connection,
        pytest.raises(redis.exceptions.NoPermissionError),
    ):
        connection.execute_command(*command.split())


@pytest.mark.parametrize("lacks", ["the certificate of a client", "the authority"])
def test_who_shows_or_trusts_no_certificate_stays_outside(
    guarded: Guarded, tmp_path: Path, lacks: str
) -> None:
    url = (
        guarded.url(ssl_certfile="", ssl_keyfile="")
        if lacks == "the certificate of a client"
        else guarded.url(ssl_ca_certs=Authority(tmp_path, "another").path)
    )
    settings = Settings(redis_url=url)
    with connect(settings) as connection, pytest.raises(redis.ConnectionError):
        connection.ping()
    broker = Broker(settings)
    assert not broker.send("worker.solve", "job_1", "standard")
    broker.close()


def test_celery_checks_certificates_without_being_told_to(guarded: Guarded) -> None:
    # Kombu itself would not, and would send the password to whoever answers.
    broker = Broker(Settings(broker_url=guarded.url(ssl_ca_certs="")))
    assert not broker.send("worker.solve", "job_1", "standard")
    broker.close()
    trusting = Broker(Settings(broker_url=guarded.url()))
    trusting.ping()
    trusting.close()
