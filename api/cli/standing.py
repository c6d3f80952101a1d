"""How a job stands, as its events tell it."""

import time
from dataclasses import dataclass, field
from typing import Self

from api.client import Event, Job
from db.contracts.event import JobAttemptLost, JobEnded, JobQueued, JobStarted, Progress

Number = int | float


@dataclass
class Standing:
    """What a live view shows; takes one event after another."""

    job: Job
    state: str = "queued"
    attempt: int = 0
    progress: Progress | None = None
    worker: str = ""
    notes: list[str] = field(default_factory=list)
    history: list[tuple[float, Number]] = field(default_factory=list)
    """Seconds of solving, and the incumbent's objective since then."""
    bounds: list[tuple[float, Number]] = field(default_factory=list)
    """The same of the bound."""
    _moved_at: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, job: Job) -> Self:
        """Return how a job stood when the service answered."""
        standing = cls(job, state=job.state, attempt=job.attempt)
        if told := job.progress:
            standing.progress = Progress(
                attempt=job.attempt,
                method=job.method or "",
                objective=told.objective,
                bound=told.bound,
                bound_name=told.bound_name,
                gap_to_bound=told.gap_to_bound,
                best_known=told.best_known,
                gap_to_best_known=told.gap_to_best_known,
                iterations=told.iterations or 0,
                elapsed_s=told.elapsed_s or 0.0,
            )
        return standing

    @property
    def title(self) -> str:
        instance = self.job.instance
        if instance is None:
            return self.job.id
        return instance.name or f"{instance.sha256[:12]}…"

    @property
    def objective(self) -> Number | None:
        return self.progress.objective if self.progress else None

    @property
    def elapsed_seconds(self) -> float:
        """Seconds of solving, also between two events."""
        told = self.progress.elapsed_s if self.progress else 0.0
        if self.state != "running":
            return told
        return told + time.monotonic() - self._moved_at

    @property
    def limit_seconds(self) -> float | None:
        seconds = self.job.limits.get("time_s")
        return float(seconds) if isinstance(seconds, int | float) else None

    def take(self, event: Event) -> None:
        payload = event.payload
        self._moved_at = time.monotonic()
        if isinstance(payload, Progress):
            self._take_progress(payload)
        elif isinstance(payload, JobStarted):
            self.state, self.attempt = "running", payload.attempt
            self.worker = payload.worker
        elif isinstance(payload, JobQueued):
            self.state = "queued"
            if payload.reason:
                self.notes.append(f"given back: {payload.reason}")
        elif isinstance(payload, JobAttemptLost):
            self.state = "queued"
            self.notes.append(f"attempt {payload.attempt} was lost: {payload.reason}")
        elif isinstance(payload, JobEnded):
            self.state = event.type.removeprefix("job.")

    def _take_progress(self, progress: Progress) -> None:
        self.state, self.attempt = "running", progress.attempt
        self.progress = progress
        for steps, value in (
            (self.history, progress.objective),
            (self.bounds, progress.bound),
        ):
            if value is not None and (not steps or steps[-1][1] != value):
                steps.append((progress.elapsed_s, value))
