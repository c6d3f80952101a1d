"""What a kind of job is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from db.contracts.termination import Termination


class JobResult(BaseModel):
    """What every kind's result tells of its end."""

    termination: Termination | None = None


Request = TypeVar("Request", bound=BaseModel)
Result = TypeVar("Result", bound=JobResult)


class Queue(StrEnum):
    """The broker's queues; a worker names those it serves."""

    INTERACTIVE = "interactive"
    STANDARD = "standard"
    BULK = "bulk"
    WEBHOOKS = "webhooks"
    SCHEDULES = "schedules"


@dataclass(frozen=True)
class JobKind(Generic[Request, Result]):
    """One type of job: what goes in, what comes out, who runs it, and where."""

    name: str
    summary: str
    request: type[Request]
    result: type[Result]
    handler: str
    """``module:function``, imported in the worker only."""
    queue: Callable[[Request], Queue]
    example: Mapping[str, Any]
    """A request that validates; documentation and the conformance tests use it."""

    @property
    def task(self) -> str:
        """The Celery task that runs this kind."""
        return f"worker.{self.name}"
