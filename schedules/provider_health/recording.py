"""Records a check with all that follows from it, then tells of it."""

import logging
from collections.abc import Callable

from sqlalchemy import Connection

from db import alarm
from db.announcement import tell_noted
from db.backplane import Backplane
from db.contracts.channel import ChannelDraft, ChannelName
from db.contracts.errors import UnavailableError
from db.contracts.event import EventType, timestamp
from db.contracts.notification import OPERATORS
from db.contracts.provider import (
    BudgetWarned,
    CheckOutcome,
    LogWritten,
    ProviderChanged,
    ProviderState,
)
from db.log_entries import (
    collection_entry,
    connection_entry,
    failure_entry,
    is_failure,
    usage_entry,
)
from db.repositories import provider_checks
from db.repositories.notices import Noted, note
from db.repositories.provider_checks import Checked, Claimed, Recorded

logger = logging.getLogger(__name__)

TYPES = {
    ProviderState.ONLINE: EventType.PROVIDER_UP,
    ProviderState.DEGRADED: EventType.PROVIDER_DEGRADED,
    ProviderState.OFFLINE: EventType.PROVIDER_DOWN,
}


def note_change(connection: Connection, recorded: Recorded) -> list[Noted]:
    """Note that the provider's state is another one."""
    change, provider = recorded.change, recorded.provider
    if change is None:
        return []
    payload = ProviderChanged(
        id=provider.id,
        provider=provider.name,
        old_status=change.old_state,
        new_status=change.new_state,
        reason=change.reason,
        since=timestamp(change.at),
        response_time_ms=change.response_ms,
    )
    type_ = TYPES[ProviderState(change.new_state)]
    return [note(connection, type_, payload, owner=OPERATORS, subject=provider.id)]


def note_budgets(connection: Connection, recorded: Recorded) -> list[Noted]:
    """Note which budgets this check has brought to where it is told."""
    provider = recorded.provider
    return [
        note(
            connection,
            EventType.BUDGET_WARNED,
            BudgetWarned(
                id=provider.id,
                provider=provider.name,
                limit_type=f"per_{usage.limit.per}",
                limit_value=usage.limit.calls,
                current_usage=usage.used,
                percentage=usage.percentage,
                severity=usage.crossed,
                reset_time=timestamp(usage.resets_at),
            ),
            owner=OPERATORS,
            subject=provider.id,
        )
        for usage in recorded.crossed
        if usage.crossed is not None
    ]


Follow = Callable[[Connection, Recorded], list[Noted]]
FOLLOWS: tuple[Follow, ...] = (note_change, note_budgets, alarm.on_check)
"""What is done in the transaction that records a check; what they note is told."""


def write(
    backplane: Backplane, claimed: Claimed, checked: Checked, *, next_at: float
) -> Recorded | None:
    """Record the check and tell of it; None if another process has it by now."""
    with backplane.database.transaction() as connection:
        recorded = provider_checks.record(connection, claimed, checked, next_at=next_at)
        if recorded is None:
            return None
        noted = [each for follow in FOLLOWS for each in follow(connection, recorded)]
    tell_noted(backplane, noted)
    _tell_logs(backplane, recorded)
    return recorded


def _tell_logs(backplane: Backplane, recorded: Recorded) -> None:
    """Tell who follows the logs; the rows are the record of what they do not hear."""
    drafts = [
        ChannelDraft(
            channel=ChannelName.LOGS,
            type=EventType.LOG_WRITTEN,
            payload=payload,
            id=f"evt_log.{payload.log_type}.{payload.entry['id']}",
            time=recorded.check.at,
            subject=recorded.provider.id,
        )
        for payload in lines_of(recorded)
    ]
    try:
        backplane.channels.publish(drafts)
    except UnavailableError:
        logger.debug("channel waits", extra={"action": "log_untold"})


def lines_of(recorded: Recorded) -> list[LogWritten]:
    """Return the lines that a check adds to the logs."""
    check, provider = recorded.check, recorded.provider
    lines = []
    if check.outcome != CheckOutcome.BLOCKED:
        entry = connection_entry(provider.name, check)
        lines.append(LogWritten(log_type="connection", entry=entry))
    if is_failure(check):
        entry = failure_entry(provider.name, check)
        lines.append(LogWritten(log_type="failure", entry=entry))
    if recorded.collection is not None:
        entry = collection_entry(provider.name, provider.category, recorded.collection)
        lines.append(LogWritten(log_type="collection", entry=entry))
    lines += [
        LogWritten(log_type="rate_limit", entry=usage_entry(provider.name, usage))
        for usage in recorded.usages
    ]
    return lines
