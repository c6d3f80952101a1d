"""Redis' part of the event log: append for who writes, follow for who relays.

A job's log is one Redis stream whose entry ids are the events' sequence numbers, and
a hash that holds where it stands. Every event goes to the firehose too, which each
API process reads once for all its clients.
"""

import secrets
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any, cast

import redis
from redis.exceptions import OutOfMemoryError, ReadOnlyError

from db.contracts.errors import StreamUnavailableError
from db.contracts.event import EventDraft, EventType, Published
from db.contracts.event_keeping import FIREHOSE_LENGTH, KEEP_ENDED_SECONDS
from db.contracts.rank import rank
from db.contracts.settings import Settings
from db.redis_client import CallsInOneTrip, connect, connect_async, numbering

FIREHOSE = "solvequeue:firehose"
BLOCK_MS = 2_000
"""Below redis-py's socket timeout: a longer block ends in a TimeoutError."""
PAGE = 500

_REFUSES_WRITES = ("MISCONF", "NOREPLICAS")
"""How a server answers that is up and cannot take what it is sent."""

_APPEND = numbering("append")


class Verdict(StrEnum):
    """What became of an append."""

    APPENDED = "appended"
    KNOWN = "known"
    """The milestone is in the log already."""
    BEHIND = "behind"
    """Redis lacks milestones that come before: append those first."""
    FENCED = "fenced"
    """A later attempt owns the job."""
    ENDED = "ended"
    """The log has its terminal event."""
    WORSE = "worse"
    """The log has told of a better objective or bound, here or just before."""


Number = int | float


@dataclass(frozen=True, slots=True)
class Standing:
    """How good an entry says that its job stands, where several write to one log.

    What is worse than the log has told is refused.
    """

    objective: Number
    bound: Number | None
    gains: str
    """``objective`` or ``bound`` where that must be better than told, else empty."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a job's log stands in Redis; an empty epoch means it is not there."""

    epoch: str = ""
    sequence: int = 0
    milestones: int = 0
    ended: bool = False
    progress: str | None = None
    """JSON of the latest ``Progress``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A draft on its way into the log."""

    draft: EventDraft
    fence: int
    """Writers of an older attempt are refused from here on."""
    ordinal: int = 0
    """Of a milestone; 0 for an event that only the stream keeps."""
    needs: int = 0
    """The milestone that must be in the log before it."""
    progress: str = ""
    """JSON of a ``Progress`` for whoever asks how the job stands."""
    incumbent: str = ""
    """JSON of a ``Progress`` with its permutation: where an attempt may go on."""
    standing: Standing | None = None


class Stream:
    """One process' connection to the event server."""

    def __init__(self, settings: Settings) -> None:
        self._client = connect(settings)
        self._numbering = CallsInOneTrip(self._client, _APPEND, keys=3)

    def append(self, entries: Sequence[Entry]) -> list[Verdict]:
        """Append the entries, in order, in one round trip; each gets its number."""
        calls = [
            _arguments(job_id, list(group))
            for job_id, group in groupby(entries, lambda entry: entry.draft.job_id)
        ]
        with unavailable_when_away():
            answers: list[list[str]] = self._numbering.run(calls)
        return [Verdict(verdict) for answer in answers for verdict in answer]

    def positions(self, job_ids: Sequence[str]) -> list[Position]:
        """Return where each job's log stands."""
        with unavailable_when_away(), self._client.pipeline(transaction=False) as pipe:
            for job_id in job_ids:
                pipe.hmget(
                    _head(job_id),
                    ["epoch", "sequence", "milestones", "ended", "progress"],
                )
            answers = pipe.execute()
        return [
            Position(
                epoch=epoch or "",
                sequence=int(sequence or 0),
                milestones=int(milestones or 0),
                ended=bool(ended),
                progress=progress,
            )
            for epoch, sequence, milestones, ended, progress in answers
        ]

    def read(self, job_id: str, *, after: int, limit: int = PAGE) -> list[Published]:
        """Return up to ``limit`` events that follow number ``after``."""
        with unavailable_when_away():
            entries = self._client.xrange(
                _log(job_id), min=f"{after + 1}-0", count=limit
            )
        return [_entry_of(job_id, entry) for entry in entries or ()]

    def read_whole(self, job_ids: Sequence[str]) -> list[list[Published]]:
        """Return all events of each of the jobs."""
        with unavailable_when_away(), self._client.pipeline(transaction=False) as pipe:
            for job_id in job_ids:
                pipe.xrange(_log(job_id))
            answers = pipe.execute()
        return [
            [_entry_of(job_id, entry) for entry in entries]
            for job_id, entries in zip(job_ids, answers, strict=True)
        ]

    def incumbent(self, job_id: str) -> str | None:
        """Return JSON of the latest ``Progress`` that came with a permutation."""
        with unavailable_when_away():
            return cast("str | None", self._client.hget(_head(job_id), "incumbent"))

    def standing(self, job_id: str) -> tuple[str | None, str | None]:
        """Return JSON of the latest ``Progress`` with a permutation, and of any."""
        with unavailable_when_away():
            fields = ["incumbent", "progress"]
            incumbent, progress = self._client.hmget(_head(job_id), fields)
        return cast("str | None", incumbent), cast("str | None", progress)

    def request_cancel(self, job_id: str) -> None:
        """Tell the worker at once; it would read the row within a heartbeat anyway."""
        with unavailable_when_away():
            self._client.set(_cancel(job_id), 1, ex=60)

    def is_cancel_requested(self, job_id: str) -> bool:
        with unavailable_when_away():
            return bool(self._client.exists(_cancel(job_id)))

    def forget(self, job_ids: Sequence[str]) -> None:
        """Delete all that is kept here of these jobs."""
        with unavailable_when_away(), self._client.pipeline(transaction=False) as pipe:
            for job_id in job_ids:
                pipe.delete(_log(job_id), _head(job_id), _cancel(job_id))
            pipe.execute()

    def take_turn(self, what: str, seconds: float) -> bool:
        """Return whether this process is the one to do ``what`` for a while."""
        with unavailable_when_away():
            key, milliseconds = f"solvequeue:turn:{what}", max(1, int(seconds * 1000))
            return bool(self._client.set(key, 1, nx=True, px=milliseconds))

    def keep_turn(self, what: str, seconds: float) -> None:
        """Let nobody do ``what`` for so long, if that is longer than it was to be."""
        with unavailable_when_away():
            key, milliseconds = f"solvequeue:turn:{what}", max(1, int(seconds * 1000))
            self._client.pexpire(key, milliseconds, gt=True)

    def beat(self, log: str) -> None:
        """Tell all who follow of an event that no log keeps."""
        fields: dict[Any, Any] = {
            "job": log,
            "sequence": 0,
            "epoch": "",
            "type": EventType.SYSTEM_UPDATED.value,
            "body": "",
        }
        with unavailable_when_away():
            self._client.xadd(FIREHOSE, fields, maxlen=FIREHOSE_LENGTH)

    def server_run_id(self) -> str:
        """Return what changes when the server restarts."""
        with unavailable_when_away():
            return str(self._client.info("server")["run_id"])

    def ping(self) -> None:
        with unavailable_when_away():
            self._client.ping()

    def close(self) -> None:
        self._client.close()


async def follow(settings: Settings) -> AsyncGenerator[list[Published] | None, None]:
    """Yield every event of every job from now on, in batches.

    None stands for a possible hole (the first connection, and each one after a
    fault): whoever needs every event reads its log again from where it stands.
    """
    client = connect_async(
        settings, socket_timeout=BLOCK_MS / 1000 * 5, decode_responses=True
    )
    try:
        newest = await client.xrevrange(FIREHOSE, count=1)
        position = str(newest[0][0]) if newest else "0-0"
        yield None
        while True:
            answer = await client.xread({FIREHOSE: position}, PAGE, BLOCK_MS)
            for _, entries in _streams(answer):
                position = entries[-1][0]
                yield [_published(fields) for _, fields in entries]
    except redis.RedisError as error:
        raise StreamUnavailableError from error
    finally:
        await client.aclose()


def _streams(answer: Any) -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """Read XREAD's answer: a list in RESP2, a mapping of lists in RESP3."""
    if not answer:
        return
    if isinstance(answer, dict):
        for name, batches in answer.items():
            for entries in batches:
                yield name, entries
    else:
        yield from answer


def _entry_of(job_id: str, entry: Any) -> Published:
    entry_id, fields = entry
    return Published(
        log=job_id,
        sequence=int(entry_id.partition("-")[0]),
        # Of these very bytes: a flush between two calls cannot mix two logs.
        epoch=fields["body"].split('"epoch":"', 1)[1].split('"', 1)[0],
        type=EventType(fields["type"]),
        body=fields["body"],
    )


def _published(fields: dict[str, str]) -> Published:
    return Published(
        log=fields["job"],
        sequence=int(fields["sequence"]),
        epoch=fields["epoch"],
        type=EventType(fields["type"]),
        body=fields["body"],
        owner=fields.get("owner", ""),
    )


def _arguments(job_id: str, entries: Sequence[Entry]) -> list[str | int]:
    """Return the script's keys and arguments for one job's entries."""
    arguments: list[str | int] = [
        _log(job_id),
        _head(job_id),
        FIREHOSE,
        job_id,
        secrets.token_hex(6),
        KEEP_ENDED_SECONDS,
    ]
    for entry in entries:
        draft = entry.draft
        arguments += (
            entry.fence,
            entry.ordinal,
            entry.needs,
            draft.head,
            draft.tail,
            draft.type,
            int(draft.type.is_terminal),
            entry.progress,
            entry.incumbent,
            *_ranks(entry.standing),
        )
    return arguments


def _ranks(standing: Standing | None) -> tuple[str, str, str]:
    if standing is None:
        return "", "", ""
    bound = "" if standing.bound is None else rank(standing.bound)
    return rank(standing.objective), bound, standing.gains


def _log(job_id: str) -> str:
    return f"solvequeue:log:{job_id}"


def _head(job_id: str) -> str:
    return f"solvequeue:head:{job_id}"


def _cancel(job_id: str) -> str:
    return f"solvequeue:cancel:{job_id}"


@contextmanager
def unavailable_when_away() -> Iterator[None]:
    """Raise StreamUnavailableError where the server is away or takes nothing."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError) as error:
        raise StreamUnavailableError from error
    except redis.ResponseError as error:
        is_refused = isinstance(error, (OutOfMemoryError, ReadOnlyError))
        if is_refused or str(error).startswith(_REFUSES_WRITES):
            raise StreamUnavailableError(
                f"The event server takes no events: {error}"
            ) from error
        raise
