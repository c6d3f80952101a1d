"""What the load is made of: one function an action, one line in ``ACTIONS``."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from numpy.random import Generator

from tests.acceptance.chaos.jobs import make_calculation
from tests.benchmarks.soak.caller import Body, Caller, WrongAnswerError

INSTANCES = ("nug12", "nug20", "nug30", "tai40a", "sko42", "tai60a")
SOLVE_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.5)
CHANCES = (0.35, 0.3, 0.2, 0.1, 0.05)
READS = (
    *("/v1/jobs?limit=20", "/v1/queues", "/v1/workers", "/health", "/metrics"),
    *("/v1/methods", "/v1/metrics/series", "/v1/limits", "/analytics/history"),
)
CHANNELS = ("queues", "metrics", "system", "market_data", "jobs")
LONGEST_STAY_SECONDS = 20.0
SILENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Action:
    """Something that callers do."""

    name: str
    share: float
    """Of its rate."""
    do: Callable[[Caller, Generator, float], None]
    """With the moment at which it was due, by the monotonic clock."""


def trivial_job(caller: Caller, rng: Generator, due: float) -> None:
    """Send a job that takes no time, and wait for its end."""
    costs = rng.integers(0, 1000, (2, 2)).tolist()
    body: Body = {"instance": {"costs": costs}, "cache": False}
    answer = caller.begin("solve", "/v1/jobs", body, rng, wait=30)
    _want(answer["state"] == "succeeded", answer)
    caller.note("trivial job to its end", due)


def equal_job(caller: Caller, rng: Generator, due: float) -> None:
    """Send one of a few jobs, which may have been done already."""
    number = int(rng.integers(1, 40))
    body: Body = {"instance": {"costs": [[number, 2], [3, 4]]}}
    answer = caller.begin("solve", "/v1/jobs", body, rng, wait=30)
    _want(answer["state"] == "succeeded", answer)
    caller.note("equal job to its end", due)


def solve_by_stream(caller: Caller, rng: Generator, due: float) -> None:
    """Follow a solve to its end as server-sent events; no number may be missing."""
    job_id = _solve(caller, rng, due)
    with caller.client() as client:
        numbers = []
        for event in client.events(job_id):
            numbers.append(event.number)
            if event.is_terminal:
                _note_end(caller, "end told by SSE", json.loads(event.body)["time"])
    _want(numbers == list(range(1, len(numbers) + 1)), [job_id, numbers])


def solve_by_socket(caller: Caller, rng: Generator, due: float) -> None:
    """Follow a solve to its end over a WebSocket; no number may go backwards."""
    job_id = _solve(caller, rng, due)
    last, told_at = 0, ""
    with caller.socket(f"job:{job_id}") as socket:
        while True:
            frame = json.loads(socket.recv(SILENCE_SECONDS))
            _want(frame["type"] != "error", frame)
            if frame["type"] == "event":
                # Progress may be left out on sockets, and nothing else.
                number = int(frame["event"]["sequence"])
                _want(number > last, [job_id, last, number])
                last, told_at = number, frame["event"]["time"]
            if frame["type"] == "end":
                break
    _want(bool(told_at), [job_id, "no event before the end"])
    _note_end(caller, "end told by WebSocket", told_at)


def batch(caller: Caller, rng: Generator, due: float) -> None:
    """Send a few short solves as one job."""
    items = [
        {
            "instance": {"name": "nug12"},
            "limits": {"time_s": 0.1},
            "seed": int(rng.integers(2**31)),
        }
        for _ in range(int(rng.integers(2, 5)))
    ]
    caller.begin("batch", "/v1/batches", {"items": items, "parallel": True}, rng)
    caller.note("batch accepted", due)


def net_present_value(caller: Caller, rng: Generator, due: float) -> None:
    body = make_calculation(rng)
    answer = caller.begin("calculate", "/v1/calculations/npv", body, rng, wait=30)
    _want(answer["state"] == "succeeded", answer)
    caller.note("calculation to its end", due)


def certified_digits(caller: Caller, rng: Generator, due: float) -> None:
    number = int(rng.integers(2, 10**6))
    parameters = {"expression": f"sqrt({number})", "digits": int(rng.integers(20, 300))}
    answer = caller.ask(
        "POST",
        "/v1/calculations/evaluate",
        body={"parameters": parameters},
        headers={"Prefer": "wait=30"},
    )
    _want(answer["state"] == "succeeded", answer)
    caller.note("certified digits to their end", due)


def financial_route(caller: Caller, rng: Generator, due: float) -> None:
    """Ask as clients of the earlier finance server do."""
    body = make_calculation(rng)["parameters"]
    answer = caller.ask("POST", "/api/financial/npv", body=body)
    _want(answer["status"] == "success", answer)
    caller.note("finance route", due)


def cancelled_solve(caller: Caller, rng: Generator, due: float) -> None:
    """Begin something long, and think better of it."""
    body: Body = {
        "instance": {"name": "tai60a"},
        "limits": {"time_s": 30.0},
        "seed": int(rng.integers(2**31)),
    }
    job_id = caller.begin("solve", "/v1/jobs", body, rng)["id"]
    time.sleep(float(rng.uniform(0.05, 0.6)))
    asked = time.monotonic()
    caller.cancel(job_id)
    with caller.client() as client:
        ended = list(client.events(job_id))
    _want(ended[-1].type == "job.cancelled", [job_id, ended[-1].type])
    caller.note("cancelled after being asked", asked)


def read(caller: Caller, rng: Generator, due: float) -> None:
    """Read one of the pages that people and programs look at."""
    recent = list(caller.recent)
    if recent and rng.random() < 0.5:
        job_id = recent[int(rng.integers(len(recent)))]
        path = f"/v1/jobs/{job_id}" + ("", "/events")[int(rng.integers(2))]
    else:
        path = READS[int(rng.integers(len(READS)))]
    caller.ask("GET", path)
    caller.note("read", due)


def passing_socket(caller: Caller, rng: Generator, due: float) -> None:
    """Follow a channel for a while, then go without a word."""
    channel = CHANNELS[int(rng.integers(len(CHANNELS)))]
    end = time.monotonic() + float(rng.uniform(1.0, LONGEST_STAY_SECONDS))
    with caller.socket(channel) as socket:
        _want(json.loads(socket.recv(SILENCE_SECONDS))["type"] == "ready", channel)
        caller.note("socket ready", due)
        while (left := end - time.monotonic()) > 0:
            try:
                frame = json.loads(socket.recv(left))
            except TimeoutError:
                break
            _want(frame["type"] != "error", frame)
        if rng.random() < 0.5:
            socket.socket.close()


ACTIONS = (
    Action("trivial job", 0.35, trivial_job),
    Action("equal job", 0.1, equal_job),
    Action("solve by SSE", 0.15, solve_by_stream),
    Action("solve by WebSocket", 0.15, solve_by_socket),
    Action("batch", 0.03, batch),
    Action("calculation", 0.08, net_present_value),
    Action("certified digits", 0.05, certified_digits),
    Action("finance route", 0.05, financial_route),
    Action("cancelled solve", 0.04, cancelled_solve),
)
READING = (Action("read", 1.0, read),)
STREAMING = (Action("passing socket", 1.0, passing_socket),)


def _solve(caller: Caller, rng: Generator, due: float) -> str:
    body: Body = {
        "instance": {"name": INSTANCES[int(rng.integers(len(INSTANCES)))]},
        "limits": {"time_s": float(rng.choice(SOLVE_SECONDS, p=CHANCES))},
        "seed": int(rng.integers(2**31)),
    }
    job_id: str = caller.begin("solve", "/v1/jobs", body, rng)["id"]
    caller.note("solve accepted", due)
    return job_id


def _note_end(caller: Caller, kind: str, told_at: str) -> None:
    """Note how long after it was recorded an end was heard of, by one clock."""
    seconds = time.time() - datetime.fromisoformat(told_at).timestamp()
    caller.journal.latency(kind, seconds)


def _want(holds: bool, found: object) -> None:
    if not holds:
        raise WrongAnswerError(str(found)[:300])
