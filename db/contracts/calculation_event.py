"""What is told of calculations while they run, and of their ends."""

from typing import Any

from db.contracts.payload import Payload


class CalculationPayload(Payload):
    """What is told of a calculation, whatever its type."""

    calculation_id: str
    """As its caller named it, or drawn."""
    calculation_type: str
    job: str
    """The job that does it."""
    status: str


class CalculationUpdated(CalculationPayload):
    """How far it is."""

    progress: float
    """Per cent: of what a solve may take at most, of what a calculation has to do."""
    eta_s: float | None = None
    """In about how many seconds a calculation will have ended."""
    message: str


class CalculationCompleted(CalculationPayload):
    """Its result, in the shape that its type has."""

    result: dict[str, Any]
    completed_at: str
    data: dict[str, Any]
    """What clients of the earlier servers look for beside it."""
    value: float | None = None
    """Of a live calculation: the number that is watched, before it, and what the
    latest tick has changed."""
    value_before: float | None = None
    change: float | None = None


class CalculationFailed(CalculationPayload):
    """Why there is no result."""

    error: str
    message: str
    """The same once more: clients read one or the other."""
    code: str
    """Of the problem."""
    suggestion: str
