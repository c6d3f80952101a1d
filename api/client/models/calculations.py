"""What can be calculated, and what follows the market."""

from typing import Any

from api.client.models.answer import Answer
from api.client.models.jobs import JobError


class Calculation(Answer):
    """What can be calculated: its parameters and outcome as JSON Schemas."""

    name: str
    version: str = ""
    topic: str = ""
    summary: str = ""
    parameters: dict[str, Any] = {}
    outcome: dict[str, Any] = {}
    example: dict[str, Any] = {}


class LiveOutcome(Answer):
    """What a live calculation came to, last."""

    job: str
    tick: int
    outcome: dict[str, Any] | None = None
    value: float | None = None
    value_before: float | None = None
    change: float | None = None
    ended_at: str


class LiveCalculation(Answer):
    """A calculation that is done again as the market moves."""

    id: str
    state: str
    calculation: str
    parameters: dict[str, Any] = {}
    bindings: dict[str, str] = {}
    value: str | None = None
    min_change: float
    tick: int | None = None
    pending: bool
    revaluations: int
    skips: int
    latest: LiveOutcome | None = None
    error: JobError | None = None
    created_at: str
    expires_at: str
