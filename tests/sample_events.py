"""A job's log, begun and gone on with as an attempt does."""

import json
import time

from db.backplane import Backplane
from db.contracts.event import EventDraft, EventType
from db.contracts.identifier import new_id
from db.repositories.attempts import Claim
from db.stream import Entry
from tests.sample_jobs import claim, milestones, submit


def start(backplane: Backplane, job_id: str | None = None) -> Claim:
    """Claim a job, and publish all of its milestones."""
    claimed = claim(backplane.database, job_id or submit(backplane.database))
    backplane.log.publish(milestones(backplane.database, claimed.job_id))
    return claimed


def progress(claimed: Claim, note: int = 0, *, needs: int | None = None) -> Entry:
    """Return an event that tells of the note."""
    draft = EventDraft(
        id=new_id("evt"),
        type=EventType.JOB_PROGRESS,
        job_id=claimed.job_id,
        time=time.time(),
        attempt=claimed.attempt,
        data=json.dumps({"note": note}),
    )
    needed = claimed.started.ordinal if needs is None else needs
    return Entry(draft, fence=claimed.attempt, needs=needed)
