import io
from collections.abc import Iterator
from typing import Any, cast

import pytest
from rich.console import Console

from api.cli.following import follow
from api.cli.output import Output
from api.client import Client, Event, Job

JOB = Job(
    id="job_1",
    kind="solve",
    state="queued",  # type: ignore[arg-type]
    created_at="2026-01-02T03:04:05.678Z",
)


def event(number: int, kind: str, **data: Any) -> Event:
    return Event(
        id=f"evt_{number}",
        type=kind,
        source="/v1/jobs/job_1",
        subject="job_1",
        time="2026-01-02T03:04:05.678Z",
        sequence=f"{number:012d}",
        data={"attempt": 1, **data},
    )


class InterruptedClient:
    """One whose user presses Ctrl-C after some events, each time it is read."""

    def __init__(self, *, interrupts: int) -> None:
        self.interrupts = interrupts
        self.cancelled: list[str] = []
        self.asked_after: list[int] = []

    def events(self, _: str, after: int = 0) -> Iterator[Event]:
        self.asked_after.append(after)
        yield event(after + 1, "job.started", worker="here")
        if self.interrupts:
            self.interrupts -= 1
            raise KeyboardInterrupt
        yield event(after + 2, "job.cancelled")

    def cancel(self, job_id: str) -> Job:
        self.cancelled.append(job_id)
        return JOB

    def job(self, _: str) -> Job:
        return JOB.model_copy(update={"state": "cancelled"})


@pytest.fixture
def output() -> Output:
    output = Output(as_json=False)
    output.console = Console(file=io.StringIO(), width=100)
    return output


def test_the_first_interrupt_cancels_and_reads_on(output: Output) -> None:
    client = InterruptedClient(interrupts=1)
    ended = follow(cast(Client, client), JOB, output, cancels=True)
    assert ended.state == "cancelled"
    assert client.cancelled == ["job_1"]
    assert client.asked_after == [0, 1]


def test_the_second_interrupt_leaves_the_job_alone(output: Output) -> None:
    client = InterruptedClient(interrupts=2)
    with pytest.raises(KeyboardInterrupt):
        follow(cast(Client, client), JOB, output, cancels=True)
    assert client.cancelled == ["job_1"]


def test_watching_never_cancels(output: Output) -> None:
    client = InterruptedClient(interrupts=1)
    with pytest.raises(KeyboardInterrupt):
        follow(cast(Client, client), JOB, output, cancels=False)
    assert client.cancelled == []
