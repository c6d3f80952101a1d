"""Providers as they are shown: rows in, and what may be known of them out."""

import json
from typing import Literal

from api.schemas.provider import (
    AttemptNumbers,
    BudgetView,
    ChangeView,
    CheckView,
    Circuit,
    CollectedNumbers,
    CollectionView,
    ProviderKeyView,
    ProviderLinks,
    ProviderView,
    ResponseNumbers,
    UptimeNumbers,
)
from db.contracts.budget import Usage
from db.contracts.event import optional_timestamp, timestamp
from db.contracts.provider import (
    CheckOutcome,
    ErrorType,
    Key,
    Origin,
    ProviderKind,
    ProviderState,
    masked,
)
from db.contracts.provider_input import (
    CollectionInput,
    ExpectationInput,
    ProviderLimitInput,
)
from db.contracts.settings import Settings
from db.contracts.uptime import Uptime
from db.models import Provider, ProviderChange, ProviderCheck, ProviderCollection
from db.repositories.provider_series import Collected
from db.repositories.provider_statistics import Attempts
from db.repositories.providers import description_of


def provider_view(found: Provider, settings: Settings, *, at: float) -> ProviderView:
    """Return a provider as everyone sees it at this moment."""
    known = description_of(found)
    path = f"/v1/providers/{found.id}"
    limits = [each.model_dump(mode="json") for each in known.limits]
    return ProviderView(
        id=found.id,
        name=found.name,
        kind=ProviderKind(found.kind),
        origin=Origin(found.origin),
        category=found.category,
        description=found.description,
        url=found.url,
        second_url=found.second_url,
        key=None if known.key is None else _key(known.key, settings),
        limits=[ProviderLimitInput.model_validate(each) for each in limits],
        expectation=ExpectationInput.model_validate(known.expectation.model_dump()),
        collection=None
        if known.collection is None
        else CollectionInput.model_validate(known.collection.model_dump()),
        tier=found.tier,
        every_s=found.every_s,
        paused=found.paused,
        left_at=optional_timestamp(found.left_at),
        state=ProviderState(found.state),
        state_since=timestamp(found.state_since),
        level=ProviderState(found.level),
        checks=found.checks,
        last_check_at=optional_timestamp(found.last_check_at),
        last_success_at=optional_timestamp(found.last_success_at),
        last_collected_at=optional_timestamp(found.last_collected_at),
        last_response_ms=found.last_response_ms,
        last_error_type=_error_type(found.last_error_type),
        last_error=found.last_error,
        on_second=found.on_second,
        circuit=circuit_of(found, at=at),
        next_check_at=optional_timestamp(found.next_at),
        version=found.version,
        created_at=timestamp(found.created_at),
        updated_at=timestamp(found.updated_at),
        links=ProviderLinks(
            self=path,
            pause=f"{path}/pause",
            resume=f"{path}/resume",
            check=f"{path}/check",
            checks=f"{path}/checks",
            changes=f"{path}/changes",
            statistics=f"{path}/statistics",
            series=f"{path}/series",
        ),
    )


def circuit_of(found: Provider, *, at: float) -> Circuit:
    """Return whether it is asked as often as it is to be."""
    state: Literal["open", "closed"] = "open" if found.open_until > at else "closed"
    waits = found.wait_until > at
    return Circuit(
        state=state,
        failures=found.failed_in_a_row,
        open_until=timestamp(found.open_until) if state == "open" else None,
        wait_until=timestamp(found.wait_until) if waits else None,
    )


def check_view(check: ProviderCheck) -> CheckView:
    """Return one check."""
    level, retry = check.level, check.retry_result
    return CheckView(
        number=check.number,
        due_at=timestamp(check.due_at),
        at=timestamp(check.at),
        endpoint=check.endpoint,
        outcome=CheckOutcome(check.outcome),
        level=None if level is None else ProviderState(level),
        response_ms=check.response_ms,
        http_status=check.http_status,
        error_type=_error_type(check.error_type),
        error=check.error,
        size_bytes=check.size,
        retries=check.retries,
        retry_result=None if retry is None else CheckOutcome(retry),
    )


def change_view(change: ProviderChange) -> ChangeView:
    """Return one change of state."""
    return ChangeView(
        id=change.id,
        at=timestamp(change.at),
        check_number=change.check_number,
        old_state=ProviderState(change.old_state),
        new_state=ProviderState(change.new_state),
        reason=change.reason,
        response_ms=change.response_ms,
    )


def collection_view(found: ProviderCollection, name: str | None) -> CollectionView:
    """Return what was collected at once, or the one series of this name."""
    values = json.loads(found.values)
    return CollectionView(
        number=found.number,
        at=timestamp(found.at),
        data_at=optional_timestamp(found.data_at),
        values=values if name is None else {name: values.get(name)},
        quality=found.quality,
        staleness_s=found.staleness_s,
        on_schedule=found.on_schedule,
        skip_reason=found.skip_reason,
        size_bytes=found.size,
    )


def attempt_numbers(found: Attempts) -> AttemptNumbers:
    """Return how many checks came to what."""
    counted = {each.value: found.outcomes[each] for each in CheckOutcome}
    return AttemptNumbers(
        calls=found.calls,
        **counted,
        success_rate=found.success_rate,
        retried=found.retried,
        retried_well=found.retried_well,
        errors=dict(sorted(found.errors.items())),
        bytes=found.bytes,
    )


def response_numbers(found: Attempts) -> ResponseNumbers:
    """Return how long answers took."""
    times = found.times
    return ResponseNumbers(
        answers=times.count,
        mean=_rounded(times.mean_ms),
        p50=_rounded(times.quantile_ms(0.5)),
        p95=_rounded(times.quantile_ms(0.95)),
        p99=_rounded(times.quantile_ms(0.99)),
    )


def uptime_numbers(found: Uptime) -> UptimeNumbers:
    """Return the shares of the time that is known."""
    return UptimeNumbers(
        up=found.up,
        online=found.share(ProviderState.ONLINE),
        degraded=found.share(ProviderState.DEGRADED),
        offline=found.share(ProviderState.OFFLINE),
        known_s=found.known_s,
    )


def collected_numbers(found: Collected) -> CollectedNumbers:
    """Return what was collected."""
    return CollectedNumbers(
        collections=found.collections,
        records=found.records,
        bytes=found.bytes,
        skipped=found.skipped,
        mean_quality=found.mean_quality,
        mean_staleness_s=found.mean_staleness_s,
    )


def budget_view(usage: Usage) -> BudgetView:
    """Return how much of a window's calls is used up."""
    return BudgetView(
        per=usage.limit.per,
        calls=usage.limit.calls,
        used=usage.used,
        percentage=usage.percentage,
        status=usage.status,
        resets_at=timestamp(usage.resets_at),
    )


def _key(key: Key, settings: Settings) -> ProviderKeyView:
    """Return where it is, and its ends as far as this process knows it."""
    value = settings.provider_keys.get(key.environment)
    return ProviderKeyView(
        **key.model_dump(),
        is_set=value is not None,
        masked=None if value is None else masked(value.get_secret_value()),
    )


def _error_type(text: str | None) -> ErrorType | None:
    return None if text is None else ErrorType(text)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 3)
