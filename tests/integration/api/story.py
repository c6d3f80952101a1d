"""Writes a job's log the way a worker does, but one step at a time."""

import time
from dataclasses import dataclass, field

from db.backplane import Backplane
from db.contracts.event import EventDraft, EventType, JobEnded, Progress
from db.contracts.identifier import new_id
from db.contracts.job_state import JobState
from db.contracts.kinds.solve import Certificate, Limits, SolveRequest, SolveResult
from db.contracts.termination import Termination
from db.repositories import attempts, jobs
from db.repositories.attempts import Claim
from db.repositories.jobs import NewJob
from db.stream import Entry

ORDER = 4
PERMUTATION = [1, 0, 3, 2]
FIRST_OBJECTIVE = 1000
REQUEST = SolveRequest(
    instance="0" * 64, order=ORDER, limits=Limits(time_s=60.0), best_known=10
)


@dataclass
class Story:
    """One job, told by hand: queued, started, better and better, ended."""

    backplane: Backplane
    job_id: str = field(default_factory=lambda: new_id("job"))
    claim: Claim | None = None
    told: int = 0
    """How many events the log has."""
    permutation: list[int] = field(default_factory=lambda: PERMUTATION)
    """Of every incumbent: a long one makes large events."""
    caller: str = ""

    def begin(self) -> "Story":
        """Record the job and tell of it."""
        new = NewJob(
            id=self.job_id,
            kind="solve",
            queue="interactive",
            request=REQUEST.model_dump_json(),
            method=REQUEST.method,
            instance_sha256=REQUEST.instance,
            caller=self.caller,
        )
        with self.backplane.database.transaction() as connection:
            _, milestone = jobs.insert_job(connection, new)
        self.backplane.log.publish([milestone])
        self.told += 1
        return self

    def start(self) -> "Story":
        """Claim the job."""
        with self.backplane.database.transaction() as connection:
            self.claim = attempts.claim(
                connection, self.job_id, owner="elsewhere:1:1.00", lease_seconds=600.0
            )
        assert self.claim is not None
        self.backplane.log.publish([self.claim.started])
        self.told += 1
        return self

    def improve(self, count: int = 1) -> "Story":
        """Tell of so many incumbents, each better than the one before."""
        assert self.claim is not None
        entries = [self._incumbent(self.told + i) for i in range(count)]
        self.backplane.log.append(entries)
        self.told += count
        return self

    def end(self, state: JobState = JobState.SUCCEEDED) -> "Story":
        """Record the end and tell of it."""
        assert self.claim is not None
        with self.backplane.database.transaction() as connection:
            ending = attempts.finish(
                connection,
                self.job_id,
                attempt=self.claim.attempt,
                state=state,
                payload=JobEnded(attempt=self.claim.attempt, objective=10),
                result=RESULT.model_dump_json(),
            )
        self.backplane.log.publish([ending])
        self.told += 1
        return self

    def bodies(self) -> list[str]:
        """Return every event's bytes, as the log has them."""
        found: list[str] = []
        while page := self.backplane.log.read(self.job_id, after=len(found)).events:
            found.extend(event.body for event in page)
        return found

    def _incumbent(self, number: int) -> Entry:
        assert self.claim is not None
        progress = Progress(
            attempt=self.claim.attempt,
            method="tabu_search",
            objective=FIRST_OBJECTIVE - number,
            bound=5,
            iterations=number,
            elapsed_s=float(number),
            permutation=self.permutation,
        )
        draft = EventDraft(
            id=new_id("evt"),
            type=EventType.JOB_INCUMBENT,
            job_id=self.job_id,
            time=time.time(),
            attempt=self.claim.attempt,
            data=progress.model_dump_json(exclude_none=True),
        )
        told = progress.model_dump_json()
        return Entry(
            draft,
            fence=self.claim.attempt,
            needs=self.claim.started.ordinal,
            progress=told,
            incumbent=told,
        )


RESULT = SolveResult(
    objective=10,
    permutation=PERMUTATION,
    termination=Termination.ITERATION_LIMIT,
    iterations=100,
    elapsed_s=1.5,
    method="tabu_search",
    method_version="1",
    seed=0,
    certificate=Certificate(
        instance=REQUEST.instance,
        permutation=PERMUTATION,
        objective=10,
        exact=True,
        bound=None,
        bound_name=None,
        method="tabu_search",
        method_version="1",
        seed=0,
    ),
)
