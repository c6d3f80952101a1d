"""What a kind of job is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from db.contracts.event import EventType
from db.contracts.notification import EndWish
from db.contracts.termination import Termination


class JobResult(BaseModel):
    """What every kind's result tells of its end."""

    termination: Termination | None = None

    def certified(self) -> str | None:
        """Return the certificate's JSON, if the result has one: kept the longest."""
        certificate = getattr(self, "certificate", None)
        return None if certificate is None else certificate.model_dump_json()


SOLVES = "solve"
"""The shelf of the cache on which solves lie."""

Request = TypeVar("Request", bound=BaseModel)
Result = TypeVar("Result", bound=JobResult)


class Queue(StrEnum):
    """The broker's queues; a worker names those it serves."""

    INTERACTIVE = "interactive"
    STANDARD = "standard"
    BULK = "bulk"
    WEBHOOKS = "webhooks"
    SCHEDULES = "schedules"


OF_SOLVES = (Queue.INTERACTIVE, Queue.STANDARD, Queue.BULK)
"""The queues in which jobs wait for those who solve."""


class Origin(StrEnum):
    """Why there is a job that no caller described anew; ``origin_id`` says whose."""

    RERUN = "rerun"
    REPRODUCE = "reproduce"
    SCHEDULE = "schedule"
    LIVE = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What a job's row tells of its request: by this it is found and compared."""

    method: str | None = None
    instance_sha256: str | None = None
    order: int | None = None
    """How many facilities the instance has."""
    deadline_s: float | None = None
    fingerprint: str | None = None
    """Of the work; None if it must be done anew each time."""
    notify: EndWish | None = None
    """How its owner is to be notified of the end."""


@dataclass(frozen=True, slots=True)
class Child:
    """One of the jobs that another job is made of."""

    position: int
    kind: str
    request: BaseModel


@dataclass(frozen=True)
class Family(Generic[Request]):
    """What a job that is made of other jobs adds to its kind."""

    count: Callable[[Request], int]
    """How many children it has."""
    fan_out: Callable[[Request], int]
    """How many of them may be open at once."""
    children: Callable[[Request, int, int], Sequence[Child]]
    """Those from the first number up to, not including, the second."""
    ends_race: Callable[[JobResult], bool] | None = None
    """Whether a child that has come to this end by itself ends all others; None where
    none does."""
    cooperates: bool = False
    """Whether it is one run to its caller: its children tell its log how it stands."""
    report: str | None = None
    """``module:function`` that tells, while it runs, what its children show so far."""


@dataclass(frozen=True)
class JobKind(Generic[Request, Result]):
    """One type of job: what goes in, what comes out, who runs it, and where."""

    name: str
    summary: str
    request: type[Request]
    result: type[Result]
    handler: str
    """``module:function``, imported in the worker only. It runs the job; that of a
    family puts its children's results together."""
    queue: Callable[[Request], Queue]
    example: Mapping[str, Any]
    """A request that validates; documentation and the conformance tests use it."""
    facets: Callable[[Request], Facets] = lambda _: Facets()
    seeded: Callable[[Request, int], Request] = lambda request, _: request
    """The request with another seed, where it has one."""
    shelf: Callable[[Request], str] = lambda _: SOLVES
    """Where the cache keeps its results: each shelf has its own limits and counts."""
    family: Family[Request] | None = None
    succeeded: EventType = EventType.JOB_SUCCEEDED
    """The terminal event of a job of this kind that has done its work."""

    @property
    def task(self) -> str:
        """The Celery task that runs this kind."""
        return f"worker.{self.name}"
