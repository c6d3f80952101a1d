"""A job's numbered log, wherever it lies: in Redis while it lives, archived after.

The milestones in the database are the outbox. Whatever Redis forgets, they are
appended again, in order, under a new epoch.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from db.contracts.errors import (
    LeaseLostError,
    ResultGoneError,
    StreamUnavailableError,
)
from db.contracts.event import EventType, Published, timestamp
from db.engine import Database
from db.models import ArchivedLog
from db.repositories import events, jobs, logs
from db.repositories.events import Milestone
from db.stream import PAGE, Entry, Position, Stream, Verdict


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some events of a log, and where the log stands."""

    epoch: str
    events: Sequence[Published]
    last_sequence: int
    """Of the log, not of the page."""
    ended: bool
    first_sequence: int = 1
    """Of what is kept: a job's log has them all."""


class EventLog:
    """Append, read, mend and archive."""

    def __init__(self, database: Database, stream: Stream) -> None:
        self._database = database
        self._stream = stream

    def publish(self, milestones: Sequence[Milestone]) -> None:
        """Append recorded milestones; those known are passed over."""
        if not milestones:
            return
        verdicts = self._stream.append([entry_of(m) for m in milestones])
        behind = {
            m.draft.job_id
            for m, verdict in zip(milestones, verdicts, strict=True)
            if verdict is Verdict.BEHIND
        }
        if behind:
            self.mend(sorted(behind))

    def append(self, entries: Sequence[Entry]) -> bool:
        """Append events of one job: milestones and what only the stream keeps.

        Returns whether none was refused as worse than what the log has told.

        Raises LeaseLostError where a later attempt owns the job.
        """
        verdicts = self._stream.append(entries)
        if Verdict.BEHIND in verdicts:
            # Redis has forgotten; what it took meanwhile is not sent again.
            behind = [
                entry
                for entry, verdict in zip(entries, verdicts, strict=True)
                if verdict is Verdict.BEHIND
            ]
            # An end that is recorded already must not come before what precedes it.
            self._mend([entries[0].draft.job_id], before=entries[-1].ordinal)
            verdicts = [*verdicts, *self._stream.append(behind)]
        if Verdict.FENCED in verdicts:
            raise LeaseLostError
        return Verdict.WORSE not in verdicts

    def mend(self, job_ids: Sequence[str]) -> None:
        """Append all milestones of these jobs that Redis lacks."""
        self._mend(job_ids)

    def _mend(self, job_ids: Sequence[str], *, before: int = 0) -> None:
        with self._database.reading() as connection:
            milestones = events.milestones_of(connection, job_ids)
        lacking = [
            entry_of(milestone)
            for milestone in milestones
            if not before or milestone.ordinal < before
        ]
        if lacking:
            self._stream.append(lacking)

    def read(self, job_id: str, *, after: int = 0, limit: int = PAGE) -> LogPage:
        """Return events that follow number ``after``.

        Raises NotFoundError where there is no such job, and ResultGoneError where its
        log was removed with its result.
        """
        try:
            (position,) = self._stream.positions([job_id])
        except StreamUnavailableError:
            archived = self._archived(job_id)
            if archived is None:
                raise
            return _page_of(archived, after=after, limit=limit)
        if not position.epoch:
            archived = self._archived(job_id)
            if archived is not None:
                return _page_of(archived, after=after, limit=limit)
            self.mend([job_id])
            (position,) = self._stream.positions([job_id])
        found = self._stream.read(job_id, after=after, limit=limit)
        last = max(position.sequence, found[-1].sequence if found else 0)
        ended = position.ended or any(event.type.is_terminal for event in found)
        return LogPage(position.epoch, found, last, ended)

    def _archived(self, job_id: str) -> ArchivedLog | None:
        with self._database.reading() as connection:
            archived = logs.get_log(connection, job_id)
            if archived is None:
                job = jobs.get_job(connection, job_id)
                if job.result_removed_at is not None:
                    removed_at = timestamp(job.result_removed_at)
                    raise ResultGoneError(f"the events were removed on {removed_at}")
        return archived

    def positions(self, job_ids: Sequence[str]) -> list[Position]:
        """Return where each job's log stands, archived ones included."""
        positions = self._stream.positions(job_ids)
        if all(position.epoch for position in positions):
            return positions
        with self._database.reading() as connection:
            return [
                position
                if position.epoch
                else _position_of(logs.get_log(connection, job))
                for job, position in zip(job_ids, positions, strict=True)
            ]

    def archive(self, job_ids: Sequence[str]) -> None:
        """Copy ended jobs' logs into the database; mend those that lack their end."""
        whole = dict(zip(job_ids, self._stream.read_whole(job_ids), strict=True))
        unended = [job for job, log in whole.items() if not _has_ended(log)]
        if unended:
            self.mend(unended)
            whole |= zip(unended, self._stream.read_whole(unended), strict=True)
        archived = [
            logs.EndedLog(
                job_id=job_id,
                epoch=log[-1].epoch,
                last_sequence=log[-1].sequence,
                lines=_compress(log),
            )
            for job_id, log in whole.items()
            if _has_ended(log)
        ]
        if archived:
            with self._database.transaction() as connection:
                logs.put_logs(connection, archived)


def _has_ended(log: Sequence[Published]) -> bool:
    return bool(log) and log[-1].type.is_terminal


def _compress(log: Sequence[Published]) -> bytes:
    # Fast rather than small: the events of a log repeat each other anyway.
    return zlib.compress("\n".join(event.body for event in log).encode(), 1)


def entry_of(milestone: Milestone) -> Entry:
    """Return the milestone as the stream takes it."""
    return Entry(milestone.draft, fence=milestone.fence, ordinal=milestone.ordinal)


def _position_of(archived: ArchivedLog | None) -> Position:
    if archived is None:
        return Position()
    return Position(archived.epoch, archived.last_sequence, ended=True)


def _page_of(archived: ArchivedLog, *, after: int, limit: int) -> LogPage:
    lines = zlib.decompress(archived.lines).decode().split("\n")
    chosen = lines[after : after + limit]
    return LogPage(
        epoch=archived.epoch,
        events=[
            Published(
                log=archived.job_id,
                sequence=number,
                epoch=archived.epoch,
                type=EventType(_type_of(line)),
                body=line,
            )
            for number, line in enumerate(chosen, start=after + 1)
        ],
        last_sequence=archived.last_sequence,
        ended=True,
    )


def _type_of(line: str) -> str:
    # The head is ours and fixed; no need to parse a permutation to learn the type.
    return line.split('"type":"', 1)[1].split('"', 1)[0]
