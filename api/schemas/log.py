"""Lines of the logs about providers, in the words of the earlier monitor."""

from pydantic import BaseModel


class LogLine(BaseModel):
    """What all lines have."""

    id: str
    provider_id: str
    provider: str
    """Its name."""


class ConnectionLine(LogLine):
    """A call to a provider."""

    timestamp: str
    endpoint: str
    status: str
    response_time_ms: float | None
    http_status_code: int | None
    http_code: int | None
    """The same, as the dashboard of the earlier monitor reads it."""
    error_type: str | None
    error_message: str | None
    retry_count: int
    retry_result: str | None


class FailureLine(LogLine):
    """A check that went wrong, also one that was made good at another place."""

    timestamp: str
    endpoint: str
    error_type: str | None
    error_message: str | None
    http_status: int | None
    retry_attempted: bool
    retry_result: str | None
    remediation_applied: str | None


class CollectionLine(LogLine):
    """What was collected, or why nothing was."""

    category: str
    scheduled_time: str
    actual_fetch_time: str
    data_timestamp: str | None
    staleness_minutes: float | None
    record_count: int
    payload_size_bytes: int
    data_quality_score: float
    on_schedule: bool
    skip_reason: str | None


class UsageLine(LogLine):
    """How much of a budget was used up after a call."""

    timestamp: str
    limit_type: str
    limit_value: int
    current_usage: int
    percentage: float
    reset_time: str


class LogPage(BaseModel):
    """Calls to providers, newest first, by numbered pages."""

    logs: list[ConnectionLine]
    total: int
    """How many there are, counted up to 100,000."""
    page: int
    per_page: int
    pages: int
