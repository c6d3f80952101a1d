"""Lines of the logs about providers, in the shapes of the earlier monitor."""

from db.contracts.event import optional_timestamp, timestamp
from db.contracts.provider import CheckOutcome, ProviderState
from db.models import ProviderCheck, ProviderCollection, ProviderUsage

Entry = dict[str, object]
SECONDS_A_MINUTE = 60.0
SECOND_PLACE = "asked at another place"


def connection_entry(name: str, check: ProviderCheck) -> Entry:
    """Return a check as an attempt to connect."""
    return {
        "id": f"{check.provider_id}.{check.number}",
        "timestamp": timestamp(check.at),
        "provider_id": check.provider_id,
        "provider": name,
        "endpoint": check.endpoint,
        "status": check.outcome,
        "response_time_ms": check.response_ms,
        "http_status_code": check.http_status,
        "error_type": check.error_type,
        "error_message": check.error,
        "retry_count": check.retries,
        "retry_result": check.retry_result,
    }


def is_failure(check: ProviderCheck) -> bool:
    """Return whether a check is told as a failure, also one that was made good.

    No call is no failure; an answer that is as late as none is one.
    """
    if check.outcome == CheckOutcome.BLOCKED:
        return False
    is_right = check.outcome == CheckOutcome.SUCCESS
    return (
        not is_right or check.retries > 0 or check.level == ProviderState.OFFLINE.value
    )


def failure_entry(name: str, check: ProviderCheck) -> Entry:
    """Return a check that is a failure as one."""
    is_made_good = check.retry_result == CheckOutcome.SUCCESS
    return {
        "id": f"{check.provider_id}.{check.number}",
        "timestamp": timestamp(check.at),
        "provider_id": check.provider_id,
        "provider": name,
        "endpoint": check.endpoint,
        "error_type": check.error_type,
        "error_message": check.error,
        "http_status": check.http_status,
        "retry_attempted": check.retries > 0,
        "retry_result": check.retry_result,
        "remediation_applied": SECOND_PLACE if is_made_good else None,
    }


def collection_entry(name: str, category: str, found: ProviderCollection) -> Entry:
    """Return what was collected, or why nothing was."""
    staleness = found.staleness_s
    return {
        "id": f"{found.provider_id}.{found.number}",
        "provider_id": found.provider_id,
        "provider": name,
        "category": category,
        "scheduled_time": timestamp(found.due_at),
        "actual_fetch_time": timestamp(found.at),
        "data_timestamp": optional_timestamp(found.data_at),
        "staleness_minutes": None
        if staleness is None
        else round(staleness / SECONDS_A_MINUTE, 3),
        "record_count": found.records,
        "payload_size_bytes": found.size,
        "data_quality_score": found.quality,
        "on_schedule": found.on_schedule,
        "skip_reason": found.skip_reason,
    }


def usage_entry(name: str, usage: ProviderUsage) -> Entry:
    """Return how a budget stood after a call."""
    return {
        "id": f"{usage.provider_id}.{usage.per}.{timestamp(usage.at)}",
        "timestamp": timestamp(usage.at),
        "provider_id": usage.provider_id,
        "provider": name,
        "limit_type": f"per_{usage.per}",
        "limit_value": usage.limit_value,
        "current_usage": usage.used,
        "percentage": round(100 * usage.used / usage.limit_value, 2),
        "reset_time": timestamp(usage.resets_at),
    }
