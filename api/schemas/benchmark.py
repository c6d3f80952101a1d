"""/benchmark in the shapes that existing clients of the QAP server rely on."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=64)]


class BenchmarkInput(BaseModel):
    """Methods on one instance, some runs each."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "instance_name": "nug12",
                    "methods": ["tabu_search", "simulated_annealing"],
                    "num_runs": 2,
                    "iterations_per_run": 100,
                }
            ]
        },
    )

    instance_name: Name
    """Of the shipped library, or ``test_7x7``: made from its name."""
    methods: Annotated[list[Name], Field(min_length=1, max_length=50)]
    num_runs: int = Field(5, ge=1, le=20)
    """With the seeds 1, 2, …"""
    iterations_per_run: int = Field(500, ge=1, le=10_000_000)


class RunView(BaseModel):
    """One run of one method."""

    method: str
    run: int
    quality: float
    """Best known objective over the run's, from 0 to 1."""
    runtime_seconds: float
    gap_percent: float | None
    """To the best known; null where that is 0 and was not reached."""
    objective_value: int | float
    iterations: int


class MethodStatistics(BaseModel):
    """All runs of one method."""

    avg_quality: float
    min_quality: float
    max_quality: float
    avg_runtime: float
    total_runs: int


class BenchmarkView(BaseModel):
    """A benchmark of one instance; whole once ``status`` is ``completed``."""

    benchmark_id: str
    instance: str
    methods: list[str]
    num_runs: int
    best_known: int | float | None
    """What quality and gap are measured by: published, or where nothing is, the best
    of this benchmark."""
    results: list[RunView]
    failed_runs: int
    statistics: dict[str, MethodStatistics]
    timestamp: str
    status: str
