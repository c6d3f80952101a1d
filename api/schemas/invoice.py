"""What jobs cost, as callers see it."""

from pydantic import BaseModel


class PriceView(BaseModel):
    """A price, in force from one moment on until the next one of its kind."""

    kind: str
    per_job: str
    """A decimal."""
    per_cpu_second: str
    """Of each second that a worker was at work on it."""
    in_force_since: str | None
    """Null for the first of its kind: it holds for all before it."""
    in_force: bool


class PriceList(BaseModel):
    """All prices, newest first."""

    currency: str
    items: list[PriceView]
