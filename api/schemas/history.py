"""Ended solves as clients of the QAP server read them."""

from pydantic import BaseModel


class HistoryEntry(BaseModel):
    """One solve that has ended."""

    request_id: str
    """Of a batch's item: the batch and its number."""
    timestamp: str
    """When it ended."""
    method: str | None
    problem_size: int | None
    objective_value: int | float | None
    runtime_seconds: float
    error: str | None
    status: str
    """``completed`` or ``failed``."""
    job_id: str
    state: str
    quality: float | None
    """Best known objective over its own, from 0 to 1; null where none is known."""
    gap_percent: float | None
    """To the best known; to the bound where none is known."""
    iterations: int | None
    cached: bool
    instance: str | None
    """Its SHA-256."""
    created_at: str
    started_at: str | None


class History(BaseModel):
    """The solves that ended last, newest first."""

    total: int
    """How many there are like these; 10,000 where there are more."""
    history: list[HistoryEntry]
    next: str
    """``after`` of the page behind this one; empty at the end."""
