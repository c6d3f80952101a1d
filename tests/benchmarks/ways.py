"""The ways to have something done that `job_overhead` compares, one class each.

Each can do ``n`` at once, and one at a time: until it is done, not only accepted.
"""

import http.client
import json
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import redis
from sqlalchemy import create_engine, text

from api.body import parse
from api.schemas.job import SolveSubmission
from api.solving import resolve_solve
from api.state import ApiState
from api.submit import submit
from db.contracts.caller import Caller
from db.contracts.settings import Settings
from db.stream import FIREHOSE
from tests.benchmarks.bare_celery import DONE, nothing

BODY = json.dumps({"instance": {"costs": [[1, 2], [3, 4]]}, "cache": False})
CLIENTS = 4
CALLER = Caller(name="benchmark")
COMPILE_SECONDS = 900.0
KEPT_SECONDS = 4.0
"""The server lets go of connections that are idle for 5 s."""


class Way(Protocol):
    """One way; seconds are those of the clock on the wall."""

    name: str

    def many(self, n: int) -> float:
        """Return the seconds until ``n`` are done."""

    def singles(self, n: int) -> list[float]:
        """Return the seconds that each of ``n`` took, one after the other."""


class BareTask:
    """`delay()` of a task that pushes one word."""

    name = "bare task"

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def many(self, n: int) -> float:
        self._client.delete(DONE)
        started = time.perf_counter()
        for number in range(n):
            nothing.delay(str(number))
        wait_for(lambda: self._client.llen(DONE) >= n)
        return time.perf_counter() - started

    def singles(self, n: int) -> list[float]:
        self._client.delete(DONE)

        def one() -> None:
            nothing.delay("one")
            self._client.blpop([DONE], timeout=4)

        return [seconds_of(one) for _ in range(n)]


class Record:
    """Counts ended jobs where they are recorded, at no cost to the service.

    Only those of the last moments, by an index: as cheap as the peer's `LLEN`, also
    when earlier rounds have left thousands.
    """

    QUERY = text(
        "select count(*) from job where state = 'succeeded' and finished_at > :since"
    )

    def __init__(self, settings: Settings) -> None:
        engine = create_engine(settings.database, isolation_level="AUTOCOMMIT")
        self._connection = engine.connect()

    def succeeded(self, since: float) -> int:
        return int(self._connection.execute(self.QUERY, {"since": since}).scalar_one())

    def wait_for_more(self, n: int, seconds: float = 120.0) -> Callable[[], None]:
        """Return what waits until ``n`` more than now have succeeded."""
        since = time.time() - 1.0
        before = self.succeeded(since)
        return lambda: wait_for(lambda: self.succeeded(since) >= before + n, seconds)


class SubmittedJob:
    """`submit()` in this process, as `delay()` is; heard of by the log."""

    name = "job, submit()"

    def __init__(self, settings: Settings, record: Record, client: redis.Redis) -> None:
        self._state = ApiState(settings)
        self._record = record
        self._client = client

    def many(self, n: int) -> float:
        wait = self._record.wait_for_more(n)
        started = time.perf_counter()
        for _ in range(n):
            submit_here(self._state)
        wait()
        return time.perf_counter() - started

    def singles(self, n: int) -> list[float]:
        def one() -> None:
            newest = self._client.xrevrange(FIREHOSE, count=1)
            job_id, position = submit_here(self._state), newest[0][0]
            while position is not None:
                position = self._read_on(job_id, position)

        return [seconds_of(one) for _ in range(n)]

    def _read_on(self, job_id: str, position: bytes) -> bytes | None:
        """Return how far the log has been read, or None once the job has ended."""
        answer: Any = self._client.xread({FIREHOSE: position}, 100, 4000)
        ((_, entries),) = answer
        mine = {f[b"type"] for _, f in entries if f[b"job"] == job_id.encode()}
        return None if b"job.succeeded" in mine else entries[-1][0]

    def close(self) -> None:
        self._state.close()


class RestJob:
    """`POST /v1/jobs` by four clients at once; singles with `Prefer: wait`."""

    name = "job, REST"

    def __init__(self, port: int, record: Record) -> None:
        self._port = port
        self._record = record
        self._local = threading.local()

    def many(self, n: int) -> float:
        each = n // CLIENTS
        wait = self._record.wait_for_more(each * CLIENTS)

        def submit_some() -> None:
            for _ in range(each):
                self.submit()

        started = time.perf_counter()
        threads = [threading.Thread(target=submit_some) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait()
        return time.perf_counter() - started

    def singles(self, n: int) -> list[float]:
        return [seconds_of(lambda: self.submit(wait=10)) for _ in range(n)]

    def submit(self, *, wait: int = 0) -> None:
        headers = {"Content-Type": "application/json"}
        if wait:
            headers["Prefer"] = f"wait={wait}"
        view = self._request("POST", "/v1/jobs", body=BODY, headers=headers)
        assert not wait or view["state"] == "succeeded", view

    def is_ready(self) -> bool:
        try:
            return bool(self._request("GET", "/readyz")["status"] == "ready")
        except OSError:
            return False

    def _request(self, method: str, path: str, **options: Any) -> Any:
        connection = getattr(self._local, "connection", None)
        if connection is None or time.monotonic() > self._local.kept_until:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
            self._local.connection = connection
        self._local.kept_until = time.monotonic() + KEPT_SECONDS
        try:
            connection.request(method, path, **options)
            return json.loads(connection.getresponse().read())
        except OSError:
            del self._local.connection
            raise


def wait_until_warm(rest: RestJob, record: Record) -> None:
    """Return when a job has been solved; kernels are compiled first, once a machine."""
    wait_for(rest.is_ready)
    solved = record.wait_for_more(1, COMPILE_SECONDS)
    rest.submit()
    solved()


def submit_here(state: ApiState) -> str:
    """Submit one in this process; return its id."""
    submission = parse(SolveSubmission, BODY.encode())
    proposal = resolve_solve(state, submission, caller=CALLER)
    return submit(state, proposal, caller=CALLER).id


def seconds_of(doing: Callable[[], None]) -> float:
    started = time.perf_counter()
    doing()
    return time.perf_counter() - started


def wait_for(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the benchmark's condition never came")
        pause.wait(0.005)
