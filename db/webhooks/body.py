"""What a delivery carries: the event as its log has it, or the thin form of it."""

import json
from typing import Any

from db.backplane import Backplane
from db.contracts.delivery import Form
from db.contracts.errors import ResultGoneError, StreamUnavailableError
from db.contracts.event import EventType, event_tail, timestamp
from db.contracts.job_state import JobState
from db.event_log import EventLog
from db.models import Notice
from db.repositories import notices
from db.repositories.claims import ClaimedDelivery
from db.repositories.events import event_id

_STATES = {
    EventType.JOB_QUEUED: JobState.QUEUED,
    EventType.JOB_STARTED: JobState.RUNNING,
    EventType.JOB_ATTEMPT_LOST: JobState.QUEUED,
    EventType.JOB_SUCCEEDED: JobState.SUCCEEDED,
    EventType.JOB_FAILED: JobState.FAILED,
    EventType.JOB_CANCELLED: JobState.CANCELLED,
    EventType.JOB_EXPIRED: JobState.EXPIRED,
    EventType.BATCH_COMPLETED: JobState.SUCCEEDED,
    EventType.BENCHMARK_COMPLETED: JobState.SUCCEEDED,
}
"""Of the job, by the milestone that told last."""
_KEPT = ("attempt", "objective", "bound", "gap_to_bound", "gap_to_best_known")


def body_of(backplane: Backplane, claimed: ClaimedDelivery) -> bytes:
    """Return what is to be sent.

    Raises StreamUnavailableError while Redis is away, and NotFoundError or
    ResultGoneError where the event is kept no more.
    """
    if claimed.notice_id is not None:
        with backplane.database.reading() as connection:
            notice = notices.get_notice(connection, claimed.notice_id)
        if notice is None:
            raise ResultGoneError("the event is kept no more")
        told = _rendered(notice)
        is_thin = claimed.payload == Form.THIN
        if is_thin and notice.type == EventType.NOTIFICATION_SENT:
            told = thin_notification(told)
        return told.encode()
    assert claimed.job_id is not None
    assert claimed.ordinal is not None
    event = _from_log(
        backplane.log,
        claimed.job_id,
        claimed.ordinal,
        is_terminal=claimed.event_type in _ENDS,
    )
    return (thin(event) if claimed.payload == Form.THIN else event).encode()


_ENDS = {type_.value for type_ in EventType if type_.is_terminal}


def _from_log(log: EventLog, job_id: str, ordinal: int, *, is_terminal: bool) -> str:
    """Return the milestone with the same bytes and number as every reader gets it."""
    found = None
    if is_terminal:
        # A log may have thousands of events, and an end is the last of them.
        found = _find(log, job_id, ordinal, after=_before_the_end(log, job_id))
    found = found or _find(log, job_id, ordinal, after=0)
    if found is None:
        # Couriers may be faster than whoever appends it.
        log.mend([job_id])
        found = _find(log, job_id, ordinal, after=0)
    if found is None:
        raise StreamUnavailableError
    return found


def _before_the_end(log: EventLog, job_id: str) -> int:
    try:
        (position,) = log.positions([job_id])
    except StreamUnavailableError:
        # The archive may have it.
        return 0
    return max(0, position.sequence - 1)


def _find(log: EventLog, job_id: str, ordinal: int, *, after: int) -> str | None:
    named = f'{{"specversion":"1.0","id":"{event_id(job_id, ordinal)}",'
    while True:
        page = log.read(job_id, after=after)
        for event in page.events:
            if event.body.startswith(named):
                return event.body
        if not page.events:
            return None
        after = page.events[-1].sequence


SOURCES: dict[EventType, str] = {
    EventType.WEBHOOK_DISABLED: "/v1/webhooks",
    EventType.WEBHOOK_TEST: "/v1/webhooks",
    EventType.NOTIFICATION_SENT: "/v1/notifications",
    EventType.PROVIDER_DOWN: "/v1/providers",
    EventType.PROVIDER_DEGRADED: "/v1/providers",
    EventType.PROVIDER_UP: "/v1/providers",
    EventType.BUDGET_WARNED: "/v1/providers",
    EventType.ALERT_RAISED: "/v1/alerts",
    EventType.ALERT_RESOLVED: "/v1/alerts",
    EventType.ALERT_ACKNOWLEDGED: "/v1/alerts",
}
"""Below which path a notice's subject is found."""


def _rendered(notice: Notice) -> str:
    """Return a notice as an event; the number that it has in a channel is not in it."""
    return (
        f'{{"specversion":"1.0","id":"{notice.id}",'
        f'"source":"{SOURCES[EventType(notice.type)]}/{notice.subject}",'
        f'"type":"{notice.type}",'
        f'"subject":"{notice.subject}","time":"{timestamp(notice.time)}'
        f"{event_tail(notice.data)}"
    )


def thin(event: str) -> str:
    """Return the event with little more than what it takes to fetch the rest."""
    told: dict[str, Any] = json.loads(event)
    data = told["data"]
    job = told["source"]
    told["data"] = {
        "id": told["subject"],
        "state": _STATES[EventType(told["type"])].value,
        **{name: data[name] for name in _KEPT if name in data},
        "links": {"self": job, "result": f"{job}/result", "events": f"{job}/events"},
    }
    return json.dumps(told, separators=(",", ":"))


def thin_notification(event: str) -> str:
    """Return a notification's event without what it says."""
    told: dict[str, Any] = json.loads(event)
    kept = ("id", "channel", "notification_type", "level")
    told["data"] = {
        **{name: told["data"][name] for name in kept},
        "links": {"self": told["source"]},
    }
    return json.dumps(told, separators=(",", ":"))
