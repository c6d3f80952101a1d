"""Limits as the caller they hold for sees them."""

from pydantic import BaseModel


class FamilyLimit(BaseModel):
    """How many requests of a family may be sent."""

    name: str
    capacity: int
    """At once, from a full bucket."""
    refill_per_s: float
    window_s: int
    """In which an empty bucket fills."""
    remaining: int
    """Now."""
    next_s: float
    """Until there is one more; 0 if there are as many as there can be."""


class LimitsView(BaseModel):
    """All limits that hold for whoever asks."""

    caller: str
    """Whose limits these are: a key's name, or an address."""
    is_shared: bool
    """Whether all processes count together; not while Redis is away."""
    families: list[FamilyLimit]
    """Empty if requests are not limited."""
    max_queued: int
    """Jobs of the caller that may wait."""
    max_queued_in_all: int
    max_running: int
    """Jobs of the caller that may run at once in each queue; 0 for any number."""
    max_body_bytes: int
    max_order: int
    max_depth: int
    """Of nested lists and objects in a body."""
    max_digits: int
    """In a row, in a body."""
    max_wait_seconds: float
    """That ``Prefer: wait`` may ask for."""
    body_seconds: float
    """In which a body must arrive."""
    request_seconds: float
    """In which an answer begins, waiting by wish aside."""
