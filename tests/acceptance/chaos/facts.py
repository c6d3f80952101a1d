"""All that can be known of a run after its end: over REST, and from the database."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx2
from sqlalchemy import select

from db.contracts.settings import Settings
from db.engine import Database
from db.models import Attempt, Event, Job
from tests.acceptance.chaos.ledger import Promises
from tests.acceptance.chaos.receiver import Heard

TIMEOUT_SECONDS = 30.0
PAGE = 200
FOUND, MISSING = 200, 404

UNENDED: tuple[tuple[str, str | int], ...] = (
    ("state", "queued"),
    ("state", "running"),
    ("limit", PAGE),
)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Milestone:
    """A row of the table of events."""

    ordinal: int
    type: str
    attempt: int
    time: float
    terminal: bool
    data: str


@dataclass(frozen=True, slots=True)
class Try:
    """A row of the table of attempts."""

    number: int
    outcome: str | None


@dataclass(frozen=True, slots=True)
class JobFacts:
    """One job, from every side."""

    id: str
    view: Json
    log: list[Json]
    milestones: list[Milestone]
    attempts: list[Try]

    @property
    def state(self) -> str:
        return str(self.view["state"])

    @property
    def result(self) -> Json:
        return self.view.get("result") or {}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the audit judges."""

    promises: Promises
    jobs: dict[str, JobFacts]
    """Those of the ledger, and those that the client was never told of."""
    heard: dict[str, list[Heard]]
    """Requests to the receiver, by job."""


def known_jobs(settings: Settings) -> frozenset[str]:
    """Return the ids of all jobs that are recorded."""
    return frozenset(_rows(settings)[2])


def collect(
    base_url: str,
    settings: Settings,
    promises: Promises,
    heard: Iterable[Heard],
    *,
    earlier: frozenset[str] = frozenset(),
) -> Facts:
    """Read all but earlier jobs; those that are not there are left out."""
    milestones, attempts, ids = _rows(settings)
    ids -= earlier
    jobs: dict[str, JobFacts] = {}
    with httpx2.Client(base_url=base_url, timeout=TIMEOUT_SECONDS) as http:
        for job_id in sorted(ids | promises.accepted.keys()):
            answer = http.get(f"/v1/jobs/{job_id}")
            if answer.status_code == MISSING:
                continue
            assert answer.status_code == FOUND, answer.text
            jobs[job_id] = JobFacts(
                job_id,
                answer.json(),
                _log(http, job_id),
                milestones[job_id],
                attempts[job_id],
            )
    by_job = defaultdict(list)
    for each in heard:
        by_job[each.job_id].append(each)
    return Facts(promises, jobs, dict(by_job))


def unended(http: httpx2.Client) -> int:
    """Return how many jobs of any caller have not ended, up to a page of them."""
    answer = http.get("/v1/jobs", params=UNENDED)
    answer.raise_for_status()
    return len(answer.json()["items"])


def _log(http: httpx2.Client, job_id: str) -> list[Json]:
    events: list[Json] = []
    path = f"/v1/jobs/{job_id}/events"
    while path:
        answer = http.get(path)
        assert answer.status_code == FOUND, answer.text
        page = answer.json()
        if not page["items"]:
            # Nothing new in a log that should have ended: the audit will say so.
            break
        events += page["items"]
        path = page["next"]
    return events


def _rows(
    settings: Settings,
) -> tuple[dict[str, list[Milestone]], dict[str, list[Try]], set[str]]:
    milestones: dict[str, list[Milestone]] = defaultdict(list)
    attempts: dict[str, list[Try]] = defaultdict(list)
    database = Database(settings)
    with database.reading() as connection:
        ids = set(connection.execute(select(Job.id)).scalars())
        for row in connection.execute(select(Event).order_by(Event.ordinal)):
            milestones[row.job_id].append(
                Milestone(
                    ordinal=row.ordinal,
                    type=row.type,
                    attempt=row.attempt,
                    time=row.time,
                    terminal=row.terminal,
                    data=row.data,
                )
            )
        for tried in connection.execute(select(Attempt).order_by(Attempt.number)):
            attempts[tried.job_id].append(Try(tried.number, tried.outcome))
    database.close()
    return milestones, attempts, ids
