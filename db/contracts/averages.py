"""How well methods did where it was measured, for processes that have no history yet.

``method_averages.json`` is written by ``python -m tests.benchmarks.method_averages``.
"""

import json
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field


class Average(BaseModel):
    """What one method came to, over some runs."""

    model_config = ConfigDict(frozen=True)

    avg_quality: float = Field(ge=0, le=1)
    """Mean of best known objective over its own."""
    avg_runtime_ms: float = Field(gt=0)
    runs: int = Field(ge=1)


class Averages(BaseModel):
    """All methods, and how they were measured."""

    model_config = ConfigDict(frozen=True)

    command: str
    conditions: str
    methods: dict[str, Average]


@cache
def shipped_averages() -> Averages:
    """Return the averages that were measured for this version."""
    text = files("db.contracts").joinpath("method_averages.json").read_text()
    return Averages.model_validate(json.loads(text))
