"""What an open loop may send jobs to: the service by three ways, and a bare task.

Each hears of every end by itself, in a thread, as a client does that follows along.
"""

import http.client
import json
import threading
import time
from collections.abc import Sequence
from http import HTTPStatus
from itertools import count
from typing import Any, Protocol, Self

import redis
from sqlalchemy import create_engine, text

from api.state import ApiState
from db.contracts.event import EventType
from db.stream import FIREHOSE
from tests.benchmarks.bare_celery import DONE, nothing
from tests.benchmarks.open_loop import RefusedError
from tests.benchmarks.running import Running
from tests.benchmarks.ways import BODY, KEPT_SECONDS, submit_here

LISTEN_SECONDS = 0.005
"""Between two looks at the log: what it adds to a latency, at most."""
PAGE = 1000
Stages = tuple[float, float, float]
"""When it was recorded, begun and ended, by the database's clock."""


class Target(Protocol):
    """Takes numbers, and tells when each was done."""

    name: str
    cause: str
    """What the ends are known by."""

    def send(self, numbers: Sequence[int]) -> Sequence[str]:
        """Send these; return keys by which their ends are told."""

    def ended(self) -> int:
        """Return how many have ended so far."""

    def told(self) -> dict[str, float]:
        """Return by key when the end was known here."""

    def stages(self) -> dict[str, Stages]:
        """Return by key what the record says; nothing where there is no record."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Listener:
    """A thread that notes when each key was first heard of."""

    def __init__(self, running: Running) -> None:
        self.client = redis.Redis.from_url(running.redis_url, socket_timeout=10)
        self.heard: dict[str, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def look(self) -> list[str]:
        """Return the keys that have ended since the last look."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.client.close()

    def ended(self) -> int:
        return len(self.heard)

    def _run(self) -> None:
        while not self._stop.wait(LISTEN_SECONDS):
            keys = self.look()
            now = time.time()
            for key in keys:
                self.heard.setdefault(key, now)


class ServiceTarget(Listener):
    """Jobs; an end is heard of by the log that every API process reads."""

    cause = "job.succeeded in the event log"

    def __init__(self, running: Running) -> None:
        super().__init__(running)
        self._engine = create_engine(running.settings.database)
        self._since = time.time()
        newest: Any = self.client.xrevrange(FIREHOSE, count=1)
        self._position = newest[0][0] if newest else b"0"
        # Those of a batch are known by their place in it; the record tells which.
        self._children: dict[str, str] = {}

    def look(self) -> list[str]:
        answer: Any = self.client.xread({FIREHOSE: self._position}, PAGE)
        if not answer:
            return []
        ((_, entries),) = answer
        self._position = entries[-1][0]
        ends = EventType.JOB_SUCCEEDED.encode()
        return [f[b"job"].decode() for _, f in entries if f[b"type"] == ends]

    def told(self) -> dict[str, float]:
        return {
            self._children.get(job, job): at for job, at in list(self.heard.items())
        }

    def stages(self) -> dict[str, Stages]:
        query = text(
            "select id, parent_id, position, created_at, started_at, finished_at "
            "from job where kind = 'solve' and finished_at > :since"
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query, {"since": self._since}).fetchall()
        found = {}
        for job, parent, position, *times in rows:
            key = job if parent is None else f"{parent}/{position}"
            self._children[job] = key
            found[key] = (times[0], times[1], times[2])
        return found

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self._engine.dispose()


class RestSingles(ServiceTarget):
    """`POST /v1/jobs`, one job a request."""

    name = "job, REST"

    def __init__(self, running: Running) -> None:
        super().__init__(running)
        self._port = running.port
        self._local = threading.local()

    def send(self, numbers: Sequence[int]) -> Sequence[str]:
        return [self._post("/v1/jobs", BODY)["id"] for _ in numbers]

    def _post(self, path: str, body: str) -> Any:
        connection = getattr(self._local, "connection", None)
        if connection is None or time.monotonic() > self._local.kept_until:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
            self._local.connection = connection
        self._local.kept_until = time.monotonic() + KEPT_SECONDS
        try:
            connection.request(
                "POST", path, body=body, headers={"Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            del self._local.connection
            raise RefusedError(type(error).__name__) from error
        if answer.status != HTTPStatus.ACCEPTED:
            raise RefusedError(f"{answer.status} {answer.reason}")
        return json.loads(said)


class RestBatches(RestSingles):
    """`POST /v1/batches`, all that was due in a moment at once."""

    name = "batch, REST"

    def send(self, numbers: Sequence[int]) -> Sequence[str]:
        items = ",".join([BODY] * len(numbers))
        view = self._post(
            "/v1/batches", f'{{"items":[{items}],"max_parallel":{len(numbers)}}}'
        )
        return [f"{view['id']}/{position}" for position in range(len(numbers))]


class Submitted(ServiceTarget):
    """`submit()` in this process, as `delay()` is: without HTTP."""

    name = "job, submit()"

    def __init__(self, running: Running) -> None:
        super().__init__(running)
        self._state = ApiState(running.settings)

    def send(self, numbers: Sequence[int]) -> Sequence[str]:
        return [submit_here(self._state) for _ in numbers]

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self._state.close()


class BareTasks(Listener):
    """`delay()` of a task that pushes its number to a list."""

    name = "bare Celery task"
    cause = "the task's own push to a list"

    def __init__(self, running: Running) -> None:
        super().__init__(running)
        # A burst before leaves its names in the list.
        self.client.delete(DONE)
        # Numbers come again with each step; ends are told apart by these.
        self._keys = (str(number) for number in count())

    def send(self, numbers: Sequence[int]) -> Sequence[str]:
        keys = [next(self._keys) for _ in numbers]
        for key in keys:
            nothing.delay(key)
        return keys

    def look(self) -> list[str]:
        popped: Any = self.client.lpop(DONE, PAGE)
        return [key.decode() for key in popped or ()]

    def told(self) -> dict[str, float]:
        return self.heard

    def stages(self) -> dict[str, Stages]:
        return {}


TARGETS: dict[str, type[RestSingles | RestBatches | Submitted | BareTasks]] = {
    "single": RestSingles,
    "batch": RestBatches,
    "submit": Submitted,
    "celery": BareTasks,
}
