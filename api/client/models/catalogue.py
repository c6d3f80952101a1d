"""Methods and instances."""

from typing import Any

from api.client.models.answer import Answer, Number


class Method(Answer):
    """One way to search."""

    name: str
    title: str = ""
    summary: str = ""
    kind: str = ""
    version: str = ""
    reference: str = ""
    category: str = ""
    best_for: list[str] = []
    complexity_time: str = ""
    complexity_space: str = ""
    max_order: int | None = None
    avg_quality: float | None = None
    avg_runtime_ms: float | None = None
    averages_from: str = ""
    averages_runs: int = 0
    parameters: list[dict[str, Any]] = []


class Instance(Answer):
    """An instance that jobs may refer to by name or hash."""

    sha256: str
    name: str | None = None
    order: int
    exact: bool = True
    best_known: Number | None = None
    proven_optimal: bool | None = None
    lower_bound: Number | None = None
    source: str = ""
