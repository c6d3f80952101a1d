"""What is known of a job that is made of others: for its handler, and for its log."""

import logging
import time
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from db.backplane import Backplane
from db.contracts.errors import LeaseLostError, UnavailableError
from db.contracts.event import (
    Counts,
    EventDraft,
    EventType,
    FamilyProgress,
    Progress,
)
from db.contracts.identifier import new_id
from db.contracts.kinds import KINDS
from db.contracts.termination import Termination
from db.instance_codec import Matrices
from db.models import Job
from db.repositories import families, instances, jobs
from db.repositories.families import ChildRow
from db.stream import Entry
from worker.handler import load_function

logger = logging.getLogger(__name__)

STARTED = 2
"""The ordinal of a family's `job.started`: it is queued, then started, and runs on."""
PROGRESS_SECONDS = 0.5
REPORT_SECONDS = 2.0
REPORT_COST = 10
"""A report is made anew when this many times what the last one took has passed."""


class FamilyContext:
    """The family as its handler sees it."""

    def __init__(
        self, backplane: Backplane, parent: Job, *, why_ended: Termination | None
    ) -> None:
        self._backplane = backplane
        self._parent = parent
        self.why_ended = why_ended
        """Why it was stopped; None where its children just came to their ends."""

    def ended_children(self) -> Iterator[ChildRow]:
        """Yield the children that have ended, by position, a page at a time."""
        with self._backplane.database.reading() as connection:
            yield from families.all_ended_children(connection, self._parent.id)

    def told(self) -> tuple[Progress | None, Progress | None]:
        """Return what its log last told with a permutation, and last of all.

        While Redis is away nobody knows.
        """
        try:
            told = self._backplane.stream.standing(self._parent.id)
        except UnavailableError:
            return None, None
        incumbent, latest = (
            None if each is None else Progress.model_validate_json(each)
            for each in told
        )
        return incumbent, latest

    def load_matrices(self, sha256: str) -> Matrices:
        """Return a stored instance."""
        with self._backplane.database.reading() as connection:
            return instances.load_matrices(connection, sha256)

    @property
    def started_at(self) -> float:
        """When it started, by the database's clock."""
        return self._parent.started_at or self._parent.created_at

    @property
    def counts(self) -> Counts:
        """How many children are in which state."""
        with self._backplane.database.reading() as connection:
            return families.count_children(
                connection, self._parent.id, total=self._parent.children or 0
            )

    @property
    def elapsed_s(self) -> float:
        """Seconds since it started, by the database's clock."""
        with self._backplane.database.reading() as connection:
            at = jobs.database_time(connection)
        return max(0.0, at - (self._parent.started_at or at))


def load_family(
    backplane: Backplane, parent_id: str, *, why_ended: Termination | None = None
) -> tuple[BaseModel, FamilyContext]:
    """Return the parent's request and what its handler may ask."""
    with backplane.database.reading() as connection:
        parent = jobs.get_job(connection, parent_id)
    request = KINDS[parent.kind].request.model_validate_json(parent.request)
    return request, FamilyContext(backplane, parent, why_ended=why_ended)


def tell_progress(backplane: Backplane, parent_id: str, kind: str) -> None:
    """Tell how far the children are, but not too often: in the log, and in a report."""
    family = KINDS[kind].family
    if family is None or family.cooperates:
        return
    try:
        if backplane.stream.take_turn(f"progress:{parent_id}", PROGRESS_SECONDS):
            _publish_progress(backplane, parent_id)
        if family.report is not None:
            _report(backplane, parent_id, family.report)
    except UnavailableError as error:
        logger.info(
            "progress is not told now",
            extra={"action": "progress_skipped", "reason": error.code},
        )


def _publish_progress(backplane: Backplane, parent_id: str) -> None:
    with backplane.database.reading() as connection:
        parent = jobs.get_job(connection, parent_id)
    context = FamilyContext(backplane, parent, why_ended=None)
    progress = FamilyProgress(
        attempt=1, counts=context.counts, elapsed_s=round(context.elapsed_s, 3)
    ).model_dump_json()
    draft = EventDraft(
        id=new_id("evt"),
        type=EventType.BATCH_PROGRESS,
        job_id=parent_id,
        time=time.time(),
        attempt=1,
        data=progress,
        traceparent=parent.traceparent or "",
    )
    try:
        backplane.log.append([Entry(draft, fence=1, needs=STARTED, progress=progress)])
    except LeaseLostError:
        # It has ended meanwhile, and its end tells more.
        logger.debug("family has ended", extra={"action": "progress_late"})


def _report(backplane: Backplane, parent_id: str, path: str) -> None:
    turn = f"report:{parent_id}"
    if not backplane.stream.take_turn(turn, REPORT_SECONDS):
        return
    began = time.monotonic()
    make: Any = load_function(path)
    report = make(*load_family(backplane, parent_id))
    with backplane.database.transaction() as connection:
        families.put_report(connection, parent_id, report.model_dump_json())
    backplane.stream.keep_turn(turn, (time.monotonic() - began) * REPORT_COST)
