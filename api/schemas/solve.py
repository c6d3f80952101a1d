"""/solve in the shapes that existing clients of the QAP server rely on."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.instance import InstanceInput, MatrixField
from api.schemas.job import MAX_URL_LENGTH, MilestoneNames, SolveSubmission
from db.contracts.kinds.solve import Limits
from db.contracts.problem import problem

MAX_TIMEOUT_SECONDS = 3600
USUAL_PRIORITY, SECONDS_A_STEP = 5, 60.0
"""Each step of priority counts as having been sent a minute earlier."""
CONTRACT_METHODS = frozenset(
    {
        "fft_laplace",
        "reverse_time",
        "genetic_algorithm",
        "simulated_annealing",
        "tabu_search",
        "variable_neighborhood",
        "ant_colony",
        "particle_swarm",
    }
)
"""Names that clients of the QAP server send; a matrix of costs needs none of them."""
DEFAULT_METHOD = "fft_laplace"
"""What that server runs where a client names none."""


class ProblemInput(BaseModel):
    """One problem: a cost matrix alone, or distances with flows."""

    model_config = ConfigDict(
        extra="forbid",
        arbitrary_types_allowed=True,
        json_schema_extra={
            "examples": [
                {"problem_matrix": [[4, 1, 3], [2, 0, 5], [3, 2, 2]]},
                {
                    "problem_matrix": [[0, 5, 4], [5, 0, 6], [4, 6, 0]],
                    "flow_matrix": [[0, 3, 1], [3, 0, 2], [1, 2, 0]],
                    "method": "simulated_annealing",
                    "iterations": 1000,
                    "random_seed": 7,
                },
            ]
        },
    )

    problem_matrix: MatrixField
    flow_matrix: MatrixField | None = None
    problem_size: int | None = Field(None, ge=2, le=1000)
    method: str | None = Field(None, min_length=1, max_length=64)
    iterations: int = Field(500, ge=1, le=10_000_000)
    random_seed: int | None = Field(None, ge=0, lt=2**63)
    timeout_seconds: float = Field(300, ge=1, le=MAX_TIMEOUT_SECONDS)
    webhook_url: str | None = Field(None, min_length=1, max_length=MAX_URL_LENGTH)
    webhook_events_filter: MilestoneNames | None = None
    """Which of the job's events are told, in place of its end."""
    priority: int = Field(USUAL_PRIORITY, ge=1, le=10)

    @model_validator(mode="after")
    def _sizes_agree(self) -> Self:
        order = len(self.problem_matrix)
        if self.problem_size is not None and self.problem_size != order:
            raise problem(
                f"problem_size is {self.problem_size} and problem_matrix has "
                f"{order} rows",
                f"Send {order}, or leave problem_size out.",
                "problem_size",
            )
        return self

    def submission(self) -> SolveSubmission:
        """Return the same wish in the words of /v1/jobs."""
        is_linear = self.flow_matrix is None
        instance = (
            InstanceInput.model_construct(costs=self.problem_matrix)
            if is_linear
            else InstanceInput.model_construct(
                flow=self.flow_matrix, distance=self.problem_matrix
            )
        )
        return SolveSubmission.model_construct(
            instance=instance,
            # Without flows the assignment is linear and solved exactly.
            method=self._method(),
            seed=self.random_seed or 0,
            limits=Limits(iterations=self.iterations, time_s=self.timeout_seconds),
            webhook_url=self.webhook_url,
            webhook_events_filter=self.webhook_events_filter,
            priority_s=(self.priority - USUAL_PRIORITY) * SECONDS_A_STEP,
        )

    def _method(self) -> str | None:
        if self.flow_matrix is None and self.method in CONTRACT_METHODS:
            return None
        if self.flow_matrix is not None and self.method is None:
            return DEFAULT_METHOD
        return self.method


class Solution(BaseModel):
    """A solved problem, or with ``status`` ``failed`` the reason why it is not."""

    request_id: str
    status: str
    method: str | None
    problem_size: int
    best_solution: list[int] | None = None
    objective_value: int | float | None = None
    iterations_completed: int = 0
    runtime_seconds: float
    gap_percent: float | None = None
    timestamp: str
    cached: bool = False
    performance_metrics: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


class Accepted(BaseModel):
    """A problem that waits."""

    request_id: str
    status: str
    poll_url: str
    webhook_configured: bool
    webhook_secret: str | None = None


class Status(BaseModel):
    """How far a problem is."""

    request_id: str
    status: str
    """``pending``, ``running``, ``completed`` or ``failed``."""
    created_at: str
    progress: float
    """Percent of the budget that is used up."""
    method: str | None
    problem_size: int
    result: Solution | None
    error: dict[str, Any] | None = None
