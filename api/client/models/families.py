"""Batches and benchmarks: jobs that are made of others."""

from api.client.models.answer import Answer, Number
from api.client.models.jobs import Counts, JobError, JobWebhook
from api.client.models.problem import ProblemPart
from db.contracts.job_state import JobState


class Rejected(Answer):
    """An item that is no job, and why."""

    index: int
    errors: list[ProblemPart]


class Family(Answer):
    """How a batch or a benchmark stands."""

    id: str
    kind: str
    state: JobState
    created_at: str
    started_at: str | None = None
    finished_at: str | None = None
    counts: Counts | None = None
    rejected: list[Rejected] = []
    elapsed_s: float | None = None
    solving_s: float | None = None
    cached: int | None = None
    termination: str | None = None
    error: JobError | None = None
    webhook: JobWebhook | None = None

    @property
    def is_final(self) -> bool:
        return self.state.is_final


class Item(Answer):
    """What came of one of its jobs."""

    index: int
    job: str
    state: JobState
    cached: bool = False
    result: dict[str, object] | None = None
    error: JobError | None = None


class Cell(Answer):
    """How one contender did on one instance."""

    instance: str
    contender: str
    runs: int
    reference: Number
    best_objective: Number
    mean_objective: float
    worst_objective: Number
    best_gap: float | None = None
    mean_gap: float | None = None
    median_gap: float | None = None
    worst_gap: float | None = None
    success_rate: float
    expected_time_s: float | None = None
    mean_primal_integral: float
    times_to_target_s: list[float | None] = []


class Contender(Answer):
    """How one contender did on all instances."""

    contender: str
    runs: int
    best_gap: float | None = None
    mean_gap: float | None = None
    median_gap: float | None = None
    worst_gap: float | None = None
    success_rate: float
    expected_time_s: float | None = None
    mean_primal_integral: float
    time_to_target: list[tuple[float, float]] = []
    profile: list[tuple[float, float]] = []


class Comparison(Answer):
    """Two contenders, pair by pair."""

    first: str
    second: str
    pairs: int
    effect: float
    p_value: float
    adjusted_p_value: float


class Report(Answer):
    """What the runs that have ended say."""

    counts: Counts
    cells: list[Cell]
    contenders: list[Contender]
    comparisons: list[Comparison]


class ReportState(Answer):
    """A report as of now, or, once ``final``, the last."""

    final: bool
    state: JobState
    report: Report
