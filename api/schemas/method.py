"""Methods as callers see them: what they are, and how well they do here."""

from typing import Literal

from pydantic import BaseModel

from db.contracts.catalogue import BoundEntry, MethodEntry

Number = int | float


class MethodView(MethodEntry):
    """One way to search, and what it averages."""

    avg_quality: float
    """Best known objective over its own, from 0 to 1."""
    avg_runtime_ms: float
    averages_from: Literal["measured", "history"]
    """Of this service's own last 10,000 solves once 20 were of this method; until
    then as it was measured for this version."""
    averages_runs: int


class MethodPage(BaseModel):
    """All methods and bounds of this version."""

    items: list[MethodView]
    bounds: list[BoundEntry]


class ParameterRange(BaseModel):
    """What a parameter may be, as clients of the QAP server read it."""

    min: Number
    max: Number
    default: Number


class MethodInfo(BaseModel):
    """One method, as clients of the QAP server read it."""

    name: str
    description: str
    complexity_time: str
    complexity_space: str
    category: str
    best_for: list[str]
    parameters: dict[str, ParameterRange]
    avg_quality: float
    avg_runtime_ms: float
