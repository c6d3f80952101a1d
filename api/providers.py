"""Providers: what operators ask for, checked; and what windows have come to."""

from typing import Any

from sqlalchemy import Connection

from api.body import read_as
from api.instances import invalid
from api.provider_views import (
    attempt_numbers,
    budget_view,
    circuit_of,
    collected_numbers,
    response_numbers,
    uptime_numbers,
)
from api.schemas.provider import (
    NewProvider,
    ProviderPatch,
    StatisticsView,
    StatisticsWindow,
)
from api.state import ApiState
from db.contracts.errors import InvalidInputError, ProviderFixedError
from db.contracts.event import timestamp
from db.contracts.near_miss import did_you_mean
from db.contracts.provider import Origin
from db.contracts.provider_faults import faults_of
from db.contracts.provider_input import ProviderInput
from db.contracts.settings import Settings
from db.models import Provider
from db.repositories import (
    provider_history,
    provider_series,
    provider_statistics,
    providers,
)
from db.repositories.jobs import database_time
from db.repositories.provider_words import described, told_of
from db.repositories.providers import Description

SECONDS_AN_HOUR = 3600.0
IN_THE_FILE = "it is described in the registry file"
OF_THE_SERVICE = "it is a part of the service itself"


def new_provider(given: NewProvider, settings: Settings) -> Description:
    """Return what is to be recorded; raises InvalidInputError."""
    _check(given, settings)
    return described(given, paused=given.paused)


def changed(found: Provider, patch: ProviderPatch, settings: Settings) -> Description:
    """Return what a provider is to be from now on: checked as a whole.

    Raises ProviderFixedError where it is described elsewhere.
    """
    require_open(found)
    sent = patch.model_dump(mode="json", include=patch.model_fields_set)
    whole = read_as(ProviderInput, merged(told_of(found), sent))
    _check(whole, settings)
    return described(whole, paused=found.paused)


def merged(target: Any, patch: Any) -> Any:
    """Return what a JSON merge patch makes of a document (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    whole = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            whole.pop(name, None)
        else:
            whole[name] = merged(whole.get(name), value)
    return whole


def require_open(found: Provider, *, is_deleted: bool = False) -> None:
    """Raise ProviderFixedError unless the API may change or delete the provider."""
    if found.origin == Origin.API or (is_deleted and found.left_at is not None):
        return
    if found.origin == Origin.REGISTRY:
        raise ProviderFixedError(f"{IN_THE_FILE}, so nothing of it is changed here")
    raise ProviderFixedError(
        f"{OF_THE_SERVICE}, so nothing of it is changed here",
        suggestion="Pause it if it is not to be watched.",
    )


def require_named(found: Provider) -> None:
    """Raise ProviderFixedError where the registry file has forgotten the provider."""
    if found.left_at is not None:
        raise ProviderFixedError(
            "the registry file does not name it any more, so it is paused",
            suggestion="Put it back into the file, or delete it here.",
        )


def require_series(found: Provider, name: str | None) -> None:
    """Raise InvalidInputError where nothing of this name is collected."""
    collection = providers.collection_of(found)
    known = [] if collection is None else sorted(collection.series)
    if name is not None and name not in known:
        told = f"Its series: {', '.join(known)}." if known else "Leave it out."
        raise invalid(
            "#query/name",
            "no such series is collected from it",
            f"{did_you_mean(name, known)}{told}",
        )


def statistics(state: ApiState, provider_id: str, hours: float) -> StatisticsView:
    """Return what a provider was like in the last hours."""
    with state.backplane.database.reading() as connection:
        found = providers.get(connection, provider_id)
        view, end = _statistics(connection, found, hours)
    (usages,) = state.backplane.budgets.read(
        [(found.id, providers.limits_of(found))], end
    )
    return view.model_copy(update={"budgets": [budget_view(each) for each in usages]})


def _statistics(
    connection: Connection, found: Provider, hours: float
) -> tuple[StatisticsView, float]:
    end = database_time(connection)
    begin = end - hours * SECONDS_AN_HOUR
    attempts = provider_statistics.attempts(connection, found.id, begin=begin)
    uptime = provider_history.uptime(connection, found, begin=begin, end=end)
    collected = provider_series.collected(connection, begin=begin, provider_id=found.id)
    view = StatisticsView(
        id=found.id,
        name=found.name,
        window=StatisticsWindow(
            begin=timestamp(begin), end=timestamp(end), hours=hours
        ),
        attempts=attempt_numbers(attempts),
        response_ms=response_numbers(attempts),
        uptime=uptime_numbers(uptime),
        collected=collected_numbers(collected),
        budgets=[],
        circuit=circuit_of(found, at=end),
    )
    return view, end


def _check(given: ProviderInput, settings: Settings) -> None:
    problems = faults_of(
        given,
        networks=settings.provider_networks,
        key_names=settings.provider_key_names,
    )
    if problems:
        raise InvalidInputError(problems=problems)
