"""What is sent again, how often and when; and what never is."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx2
import pytest

from api.client import (
    Client,
    ClientError,
    ConflictError,
    NotFoundError,
    ProblemError,
    ServerUnreachableError,
    StrangerError,
    TooManyRequestsError,
)
from tests.unit.api.client.conftest import OpenClient

URL = "http://service.test"
JOB = {"id": "job_1", "kind": "solve", "state": "queued", "created_at": "now"}
ACCEPTED = httpx2.Response(202, json=JOB)
CUT = httpx2.ReadError("cut")
REFUSED = httpx2.ConnectError("refused")
Answer = httpx2.Response | httpx2.TransportError


class Service:
    """Gives these answers, one after another; the last for ever."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self._answers[0]
        if len(self._answers) > 1:
            del self._answers[0]
        if isinstance(answer, httpx2.TransportError):
            raise answer
        return httpx2.Response(
            answer.status_code, headers=answer.headers, content=answer.content
        )

    @property
    def keys(self) -> set[str | None]:
        return {each.headers.get("Idempotency-Key") for each in self.requests}


def problem(status: int, code: str = "unavailable", **headers: str) -> httpx2.Response:
    body = {"type": f"/problems/{code}", "status": status, "detail": code}
    return httpx2.Response(status, json=body, headers=headers)


@pytest.fixture
def ask(open_client: OpenClient) -> Callable[..., AbstractContextManager[Client]]:
    def ask(service: Service, **options: Any) -> AbstractContextManager[Client]:
        transport = httpx2.MockTransport(service)
        return open_client(URL, transport=transport, **options)

    return ask


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses that were made, which take no time."""
    made: list[float] = []

    async def soon(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr("api.client._async.transport.sleep", soon)
    monkeypatch.setattr("api.client._async.patience.sleep", soon)
    monkeypatch.setattr("api.client._sync.transport.sleep", made.append)
    monkeypatch.setattr("api.client._sync.patience.sleep", made.append)
    return made


SUBMISSIONS: list[Callable[[Client], object]] = [
    lambda client: client.submit_solve("nug12"),
    lambda client: client.rerun("job_0"),
    lambda client: client.reproduce("job_0"),
    lambda client: client.batches.create(["nug12"]),
    lambda client: client.benchmarks.create(["nug12"], ["exact"]),
    lambda client: client.calculations.submit("npv", {}),
]
ONCE: list[Callable[[Client], object]] = [
    lambda client: client.webhooks.create("https://example.com"),
    lambda client: client.webhooks.test("ep_1"),
    lambda client: client.schedules.trigger("sch_1"),
    lambda client: client.create_key("ann"),
    lambda client: client.act("rerun", state="failed"),
]
OFTEN: list[Callable[[Client], object]] = [
    lambda client: client.job("job_1"),
    lambda client: client.cancel("job_1"),
    lambda client: client.queues.pause("bulk"),
    lambda client: client.verify({}),
]


@pytest.mark.parametrize("submit", SUBMISSIONS)
@pytest.mark.parametrize("first", [CUT, REFUSED, problem(502), problem(503)], ids=str)
def test_a_submission_is_repeated_under_one_key(
    ask: Any, submit: Callable[[Client], object], first: Answer
) -> None:
    service = Service(first, ACCEPTED)
    with ask(service) as client:
        submit(client)
    assert len(service.requests) == 2
    (key,) = service.keys
    assert key is not None
    assert len({each.content for each in service.requests}) == 1


def test_each_submission_has_a_key_of_its_own(ask: Any) -> None:
    service = Service(ACCEPTED)
    with ask(service) as client:
        client.submit_solve("nug12")
        client.submit_solve("nug12")
    assert len(service.keys) == 2


@pytest.mark.parametrize("call", ONCE)
def test_what_would_be_done_twice_is_sent_once(
    ask: Any, call: Callable[[Client], object]
) -> None:
    service = Service(CUT, ACCEPTED)
    with ask(service) as client, pytest.raises(ServerUnreachableError, match="cut"):
        call(client)
    assert len(service.requests) == 1


@pytest.mark.parametrize("call", ONCE)
def test_nothing_was_done_where_nobody_listened(
    ask: Any, call: Callable[[Client], object]
) -> None:
    service = Service(REFUSED)
    with ask(service) as client, pytest.raises(ServerUnreachableError):
        call(client)
    assert len(service.requests) == 3


@pytest.mark.parametrize("call", OFTEN)
@pytest.mark.parametrize("first", [CUT, problem(502), problem(504)], ids=str)
def test_what_leads_to_the_same_is_repeated(
    ask: Any, call: Callable[[Client], object], first: Answer
) -> None:
    service = Service(first, problem(404))
    with ask(service) as client, pytest.raises(NotFoundError):
        call(client)
    assert len(service.requests) == 2
    assert service.keys == {None}


@pytest.mark.parametrize("tries", [1, 2, 4])
def test_it_is_tried_so_often_and_no_more(ask: Any, tries: int) -> None:
    service = Service(problem(503))
    with ask(service, tries=tries) as client, pytest.raises(ProblemError):
        client.job("job_1")
    assert len(service.requests) == tries


def test_pauses_grow_and_are_never_the_same(ask: Any, pauses: list[float]) -> None:
    with ask(Service(CUT), tries=5) as client, pytest.raises(ServerUnreachableError):
        client.job("job_1")
    limits = [0.1, 0.2, 0.4, 0.8]
    assert len(pauses) == 4
    assert all(end / 2 <= each <= end for each, end in zip(pauses, limits, strict=True))
    assert len(set(pauses)) == 4


@pytest.mark.parametrize("status", [429, 503])
def test_one_comes_back_when_the_service_says(
    ask: Any, pauses: list[float], status: int
) -> None:
    service = Service(problem(status, **{"Retry-After": "7"}), ACCEPTED)
    with ask(service) as client:
        # Refused, so nothing was done: even this may be sent again.
        client.schedules.trigger("sch_1")
    assert pauses == [7.0]


def test_a_long_wait_is_told_and_not_waited(ask: Any, pauses: list[float]) -> None:
    service = Service(problem(429, "quota-exceeded", **{"Retry-After": "60"}))
    with ask(service) as client, pytest.raises(TooManyRequestsError) as raised:
        client.submit_solve("nug12")
    assert (raised.value.retry_after_seconds, pauses) == (60.0, [])
    assert raised.value.page == f"{URL}/problems/quota-exceeded"


def test_an_answer_that_is_being_made_is_waited_for(ask: Any) -> None:
    busy = [problem(409, "idempotency-in-progress") for _ in range(6)]
    service = Service(CUT, *busy, ACCEPTED)
    with ask(service) as client:
        assert client.submit_solve("nug12").id == "job_1"
    assert len(service.keys) == 1


def test_other_conflicts_are_told_at_once(ask: Any) -> None:
    service = Service(problem(409, "job-finished"))
    with ask(service) as client, pytest.raises(ConflictError):
        client.cancel("job_1")
    assert len(service.requests) == 1


def test_what_is_gone_after_a_cut_was_deleted(ask: Any) -> None:
    with ask(Service(CUT, problem(404, "not-found"))) as client:
        client.delete("job_1")
    with (
        ask(Service(problem(404, "not-found"))) as client,
        pytest.raises(NotFoundError),
    ):
        client.delete("job_1")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx2.Response(200, html="<p>Sign in</p>"), "a page for browsers"),
        (httpx2.Response(302, headers={"Location": "https://sign.in"}), "sign.in"),
    ],
)
def test_another_site_is_not_taken_for_the_service(
    ask: Any, answer: httpx2.Response, words: str
) -> None:
    service = Service(answer)
    with ask(service) as client:
        for call in (client.job, client.delete, lambda id_: list(client.events(id_))):
            with pytest.raises(StrangerError, match=words):
                call("job_1")


def test_a_number_that_is_none_is_not_sent(ask: Any) -> None:
    service = Service(ACCEPTED)
    with ask(service) as client, pytest.raises(ClientError, match="NaN"):
        client.solve([[0.0, float("nan")], [1.0, 0.0]], [[0, 1], [1, 0]])
    assert service.requests == []
