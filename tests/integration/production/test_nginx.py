"""Two API processes behind nginx, with the configuration of deploy/nginx."""

import json
import threading
from collections.abc import Callable, Iterator

import httpx2
import psutil
import pytest
from websockets.sync.client import connect

from db.embedded_valkey import EmbeddedValkey
from tests.api_processes import ApiProcess, api_processes
from tests.servers.nginx import Nginx, find_nginx
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(
    find_nginx() is None,
    reason="NOT TESTED BEHIND NGINX: install it, as by apt-get install nginx-light",
)

JOB = {
    "kind": "solve",
    "instance": {"name": "nug12"},
    "limits": {"time_s": 5},
    "cache": False,
}
From = Callable[..., httpx2.Client]


@pytest.fixture(scope="module")
def apis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ApiProcess]]:
    folder = tmp_path_factory.mktemp("apis")
    with EmbeddedValkey(folder / "valkey", append_only=False) as valkey:
        environment = {
            "SOLVEQUEUE_HOME": str(folder),
            "REDIS_URL": valkey.redis_url,
            "DATABASE_URL": f"sqlite:///{folder / 'solvequeue.db'}",
            # Who shows no key is known by the address.
            "AUTH_MODE": "optional",
            "SOLVEQUEUE_TRUSTED_PROXIES": "127.0.0.1",
        }
        with api_processes(2, environment, folder) as running:
            yield running


@pytest.fixture(scope="module")
def nginx(
    apis: list[ApiProcess], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nginx]:
    ports = [int(api.url.rpartition(":")[2]) for api in apis]
    with Nginx(tmp_path_factory.mktemp("nginx"), ports) as running:
        yield running


@pytest.fixture
def at(nginx: Nginx) -> Iterator[From]:
    """Return clients at addresses of their own."""
    opened: list[httpx2.Client] = []

    def open_one(address: str, *, url: str = nginx.url) -> httpx2.Client:
        transport = httpx2.HTTPTransport(local_address=address, verify=nginx.trusting())
        opened.append(httpx2.Client(base_url=url, transport=transport, timeout=40))
        return opened[-1]

    yield open_one
    for client in opened:
        client.close()


def submit(client: httpx2.Client) -> str:
    answer = client.post("/v1/jobs", json=JOB)
    assert answer.status_code in (201, 202), answer.text
    return str(answer.json()["id"])


def first_event(lines: Iterator[str]) -> str:
    return next(line for line in lines if line.startswith("data: "))


def test_a_caller_is_known_by_the_address_that_the_proxy_tells(
    at: From, apis: list[ApiProcess]
) -> None:
    job = submit(at("127.0.0.5"))
    path, claims = f"/v1/jobs/{job}", {"X-Forwarded-For": "127.0.0.5"}
    assert at("127.0.0.5").get(path).status_code == 200
    assert at("127.0.0.6").get(path).status_code == 404
    # What a client writes itself is neither passed on nor believed of a stranger.
    assert at("127.0.0.6").get(path, headers=claims).status_code == 404
    told = {"Forwarded": "for=127.0.0.5"}
    assert at("127.0.0.6").get(path, headers=told).status_code == 404
    for api in apis:
        around = at("127.0.0.6", url=api.url)
        assert around.get(path, headers=claims).status_code == 404
        proxy = at("127.0.0.1", url=api.url)
        assert proxy.get(path, headers=claims).status_code == 200


def test_a_request_keeps_its_id_and_all_processes_answer(
    at: From, apis: list[ApiProcess]
) -> None:
    client = at("127.0.0.5")
    for number in range(8):
        answer = client.get("/healthz", headers={"X-Request-ID": f"mine-{number}"})
        assert answer.headers["X-Request-ID"] == f"mine-{number}"
        assert answer.headers["Strict-Transport-Security"]
    assert client.get("/metrics/prometheus").status_code == 404


def test_events_come_as_they_happen(at: From) -> None:
    client = at("127.0.0.5")
    job = submit(client)
    accept = {"Accept": "text/event-stream"}
    with client.stream("GET", f"/v1/jobs/{job}/events", headers=accept) as answer:
        lines = answer.iter_lines()
        # The job waits, for nobody solves: the stream is far from its end.
        assert "job.queued" in first_event(lines)
        at("127.0.0.5").post(f"/v1/jobs/{job}/cancel").raise_for_status()
        assert "job.cancelled" in first_event(lines)


def test_a_socket_is_passed_on(nginx: Nginx, at: From) -> None:
    job = submit(at("127.0.0.5"))
    url = f"{nginx.url.replace('https', 'wss')}/v1/ws"
    with connect(
        url,
        ssl=nginx.trusting(),
        subprotocols=["solve.v1"],  # type: ignore[list-item]
        source_address=("127.0.0.5", 0),
        proxy=None,
    ) as socket:
        socket.send('{"type": "init"}')
        assert json.loads(socket.recv(30))["type"] == "ready"
        socket.send(json.dumps({"type": "subscribe", "id": "a", "topic": f"job:{job}"}))
        snapshot = json.loads(socket.recv(30))
        assert (snapshot["type"], snapshot["state"]["id"]) == ("snapshot", job)


def test_a_long_wait_is_answered_when_there_is_news(at: From) -> None:
    client = at("127.0.0.5")
    job = submit(client)
    path = f"/v1/jobs/{job}"
    seen = client.get(path).headers["ETag"]
    news: list[httpx2.Response] = []
    wishes = {"If-None-Match": seen, "Prefer": "wait=30"}
    waiting = threading.Thread(
        target=lambda: news.append(at("127.0.0.5").get(path, headers=wishes))
    )
    waiting.start()
    client.post(f"{path}/cancel").raise_for_status()
    waiting.join()
    assert (news[0].status_code, news[0].json()["state"]) == (200, "cancelled")


def test_a_reload_cuts_nobody_off(nginx: Nginx, at: From) -> None:
    client = at("127.0.0.5")
    job = submit(client)
    accept = {"Accept": "text/event-stream"}
    with client.stream("GET", f"/v1/jobs/{job}/events", headers=accept) as answer:
        lines = answer.iter_lines()
        first_event(lines)
        pid = nginx._child.pid
        assert pid is not None
        before = {child.pid for child in psutil.Process(pid).children()}
        nginx.reload()
        wait_until(
            lambda: {child.pid for child in psutil.Process(pid).children()} - before
        )
        others = at("127.0.0.5")
        assert all(others.get("/healthz").is_success for _ in range(5))
        others.post(f"/v1/jobs/{job}/cancel").raise_for_status()
        assert "job.cancelled" in first_event(lines)


def test_a_process_that_goes_is_noticed_by_nobody(
    at: From, apis: list[ApiProcess]
) -> None:
    """The last test of this file: the process does not come back."""
    client = at("127.0.0.5")
    jobs = [submit(client) for _ in range(4)]
    apis[0].process.terminate()
    while apis[0].process.poll() is None:
        assert client.get("/healthz").is_success
        assert client.get(f"/v1/jobs/{jobs[0]}").is_success
    assert all(client.get(f"/v1/jobs/{job}").is_success for job in jobs * 3)
