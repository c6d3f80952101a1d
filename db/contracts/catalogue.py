"""What the worker offers, for processes that never import it.

``catalogue.json`` is written by ``python -m worker.catalogue``; a check in CI says
when it is out of date.
"""

import json
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

Number = int | float


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True)


class ParameterEntry(_Entry):
    """One parameter of a method, with its domain."""

    name: str
    description: str
    minimum: Number
    maximum: Number
    default: Number
    integer: bool


class MethodEntry(_Entry):
    """One way to search."""

    name: str
    title: str
    summary: str
    kind: str
    """``exact`` or ``heuristic``."""
    version: str
    category: str
    complexity_time: str
    complexity_space: str
    best_for: list[str]
    reference: str
    max_order: int | None
    """The most facilities it takes; null if any number."""
    parameters: list[ParameterEntry]


class BoundEntry(_Entry):
    """One way to prove that nothing is better."""

    name: str
    title: str
    summary: str
    complexity_time: str
    reference: str


class InstanceEntry(_Entry):
    """One instance of the shipped library."""

    name: str
    order: int
    sha256: str
    best_known: Number
    proven_optimal: bool
    lower_bound: Number | None


class Catalogue(_Entry):
    """All of it."""

    methods: dict[str, MethodEntry]
    bounds: dict[str, BoundEntry]
    instances: dict[str, InstanceEntry]

    def instance_by_sha256(self, sha256: str) -> InstanceEntry | None:
        """Return the library's instance of that content."""
        found = (i for i in self.instances.values() if i.sha256 == sha256)
        return next(found, None)


@cache
def catalogue() -> Catalogue:
    """Return the catalogue of this version."""
    text = files("db.contracts").joinpath("catalogue.json").read_text()
    return Catalogue.model_validate(json.loads(text))
