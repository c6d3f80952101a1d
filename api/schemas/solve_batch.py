"""/solve/batch in the shapes that existing clients of the QAP server rely on."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

MAX_PROBLEMS = 10


class ProblemsInput(BaseModel):
    """Several problems that are answered together."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "problems": [
                        {"problem_matrix": [[1, 2], [3, 4]]},
                        {
                            "problem_matrix": [[0, 5, 4], [5, 0, 6], [4, 6, 0]],
                            "flow_matrix": [[0, 3, 1], [3, 0, 2], [1, 2, 0]],
                            "method": "tabu_search",
                            "iterations": 100,
                        },
                    ]
                }
            ]
        },
    )

    problems: Annotated[list[Any], Field(min_length=1, max_length=MAX_PROBLEMS)]
    """Each is what ``POST /solve`` takes, without a webhook."""
    parallel: bool = True
    """Whether they may run beside each other; else in order, one after another."""


class Solutions(BaseModel):
    """All problems, in the order in which they were sent."""

    batch_id: str
    total_problems: int
    successful: int
    failed: int
    total_runtime_seconds: float
    """From the first problem's start to the last one's end."""
    results: list[dict[str, Any]]
    """Each is a ``Solution``; only one that failed has an ``error``."""
    timestamp: str
