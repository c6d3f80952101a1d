"""What failed, counted, and what may help."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import RowMapping

from api.monitor_views import percent, rounded
from api.schemas.monitor import (
    ErrorCount,
    FailingProvider,
    FailureShort,
    Remediation,
    RetryStatistics,
)
from db.contracts.event import timestamp
from db.contracts.provider import ErrorType
from db.repositories.provider_statistics import Attempts

MOST_FAILING = 10
ADVICE: dict[ErrorType, str] = {
    ErrorType.TIMEOUT: "Give it a longer timeout_ms, or ask its second_url.",
    ErrorType.NETWORK: "See whether its host answers from here; name a second_url.",
    ErrorType.TLS: "Have its certificate renewed: it is not to be trusted.",
    ErrorType.FORBIDDEN_ADDRESS: (
        "It is in a private network: SOLVEQUEUE_PROVIDER_ALLOW_CIDRS may allow that."
    ),
    ErrorType.STATUS: "See what its status says, and which ones are expected of it.",
    ErrorType.CONTENT: "Compare its answer with the pointer that is looked for in it.",
    ErrorType.RATE_LIMITED: "Ask it less often, or lower its limits to what it allows.",
    ErrorType.SLOW: "It answers, but too late: ask it less, or raise offline_ms.",
    ErrorType.BUDGET: "Its budget is spent: ask it less often, or raise its limits.",
    ErrorType.ASKED_TO_WAIT: "It asked to be left alone; it is asked again afterwards.",
    ErrorType.CIRCUIT_OPEN: "It failed often in a row; see why, then check it by hand.",
    ErrorType.NO_KEY: "Start the service with the variable that has its key.",
    ErrorType.PART: "A part of this service is away: see /health.",
}
"""By error type: what may help."""


def failing_providers(
    of_each: Mapping[str, Attempts], names: Mapping[str, str]
) -> list[FailingProvider]:
    """Return who has failed most, the worst first."""
    failed = [
        (names[each], attempts)
        for each, attempts in of_each.items()
        if attempts.failures and each in names
    ]
    failed.sort(key=lambda each: (-each[1].failures, each[0]))
    return [
        FailingProvider(
            provider=name,
            failure_count=attempts.failures,
            failure_rate=percent(attempts.failures / attempts.calls) or 0.0,
        )
        for name, attempts in failed[:MOST_FAILING]
    ]


def retry_statistics(of_each: Mapping[str, Attempts]) -> RetryStatistics:
    """Return what further calls came to."""
    retried = sum(each.retried for each in of_each.values())
    well = sum(each.retried_well for each in of_each.values())
    return RetryStatistics(
        total_retries=retried,
        successful_retries=well,
        retry_success_rate=percent(well / retried) if retried else None,
    )


def error_counts(errors: Counter[str]) -> list[ErrorCount]:
    """Return how often each type was, the most frequent first."""
    return [
        ErrorCount(error_type=each, count=count)
        for each, count in sorted(errors.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def failure_short(row: RowMapping) -> FailureShort:
    """Return one check that failed."""
    return FailureShort(
        timestamp=timestamp(row["at"]),
        provider=row["provider"],
        endpoint=row["endpoint"],
        error_type=row["error_type"],
        error_message=row["error"],
        http_status=row["http_status"],
        http_code=row["http_status"],
        http_status_code=row["http_status"],
        response_time_ms=rounded(row["response_ms"]),
        retry_attempted=row["retries"] > 0,
        retry_result=row["retry_result"],
    )


def remediation(provider: str, errors: Counter[str]) -> Remediation | None:
    """Return what may help against what it fails of most."""
    if not errors:
        return None
    issue, count = max(errors.items(), key=lambda pair: (pair[1], pair[0]))
    return Remediation(
        provider=provider,
        issue=issue,
        suggestion=ADVICE[ErrorType(issue)],
        count=count,
    )
