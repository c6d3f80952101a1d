"""Rules of alerts: what operators ask for, checked; and as they see it."""

from typing import Any

from sqlalchemy import Connection

from api.instances import invalid
from api.schemas.alert import (
    AlertRuleInput,
    AlertRuleLinks,
    AlertRulePatch,
    AlertRuleView,
)
from db.contracts.alert import NATURES, AlertKind, Measure, Nature, Severity
from db.contracts.errors import NotFoundError
from db.contracts.event import optional_timestamp, timestamp
from db.models import AlertRule, Provider
from db.repositories import alert_rules, providers
from db.repositories.alert_rules import NewRule

OWN = (
    "provider",
    "category",
    "queue",
    "states",
    "value",
    "measure",
    "window_s",
    "least",
)
"""Fields that not every kind has."""


def new_rule(connection: Connection, given: AlertRuleInput) -> NewRule:
    """Return the rule that is asked for; raise InvalidInputError if it is none."""
    kind = AlertKind(given.kind)
    nature = NATURES[kind]
    for name in OWN:
        is_given = getattr(given, name) is not None
        if is_given and name not in nature.fields:
            raise invalid(
                f"#/{name}",
                f"a rule of the kind {kind} has no {name}",
                f"Leave it out; its own fields: {', '.join(sorted(nature.fields))}.",
            )
        if not is_given and name in nature.needed:
            raise invalid(
                f"#/{name}",
                "a required field is missing",
                f"Add {name}: {nature.told}.",
            )
    if given.provider is not None and given.category is not None:
        raise invalid(
            "#/category",
            "a provider has its category",
            "Name the provider or the category, or neither: all.",
        )
    measure = _measure(nature, given)
    _check_value(kind, nature, given, measure)
    watched = None if given.provider is None else _provider(connection, given.provider)
    return NewRule(
        name=given.name,
        kind=kind,
        severity=Severity(given.severity),
        enabled=given.enabled,
        muted_until=given.muted_until,
        provider_id=None if watched is None else watched.id,
        category=given.category,
        queue=given.queue,
        states=tuple(sorted(set(given.states or ()))),
        value=given.value,
        measure=measure,
        window_s=given.window_s,
        least=given.least,
        hysteresis=given.hysteresis,
        for_s=given.for_s,
        cooldown_s=given.cooldown_s,
    )


def changed_rule(
    connection: Connection, given: AlertRulePatch, found: AlertRule
) -> NewRule:
    """Return the rule with what a patch changes; it is checked as a whole."""
    stands: dict[str, Any] = {
        name: getattr(found, name)
        for name in AlertRuleInput.model_fields
        if name not in {"provider", "states", "muted_until"}
    }
    stands["provider"] = found.provider_id
    stands["states"] = list(alert_rules.states_of(found)) or None
    until = optional_timestamp(found.muted_until)
    sent = given.model_dump(include=given.model_fields_set, exclude={"muted_until"})
    merged = AlertRuleInput.model_validate(stands | {"muted_until": until} | sent)
    if "muted_until" in given.model_fields_set:
        merged = merged.model_copy(update={"muted_until": given.muted_until})
    return new_rule(connection, merged)


def _measure(nature: Nature, given: AlertRuleInput) -> Measure | None:
    if given.measure is None:
        return nature.measures[0] if nature.measures else None
    measure = Measure(given.measure)
    if measure not in nature.measures:
        raise invalid(
            "#/measure",
            f"a rule of the kind {given.kind} has no such measure",
            f"Send {' or '.join(nature.measures)}.",
        )
    return measure


def _check_value(
    kind: AlertKind, nature: Nature, given: AlertRuleInput, measure: Measure | None
) -> None:
    """Refuse limits that nothing reaches, and alerts that are never over."""
    if given.value is None:
        if given.hysteresis:
            raise invalid(
                "#/hysteresis",
                "without a value there is nothing to be within",
                "Leave hysteresis out.",
            )
        return
    high = 1.0 if measure is Measure.SHARE else nature.high
    if not nature.low <= given.value <= high:
        raise invalid(
            "#/value",
            f"of the kind {kind} it is {nature.told}",
            f"Send {nature.low:g} to {high:g}.",
        )
    if nature.is_below:
        is_possible = measure is not Measure.SHARE or (
            given.value + given.hysteresis <= 1.0
        )
        room = 1.0 - given.value
    else:
        is_possible, room = given.hysteresis <= given.value, given.value
    if not is_possible:
        raise invalid(
            "#/hysteresis",
            "nothing is ever within the limit by so much",
            f"Send at most {room:g}.",
        )


def _provider(connection: Connection, named: str) -> Provider:
    try:
        if named.startswith("prv_"):
            return providers.get(connection, named)
        return providers.get_named(connection, named)
    except NotFoundError as error:
        raise invalid(
            "#/provider",
            "there is no such provider",
            "GET /v1/providers lists them; name one by its name or its id.",
        ) from error


def rule_view(found: AlertRule, *, provider: str | None, opened: int) -> AlertRuleView:
    """Return a rule as operators see it; `provider` is the name of the one it has."""
    return AlertRuleView(
        id=found.id,
        usual=found.usual,
        name=found.name,
        kind=AlertKind(found.kind),
        severity=Severity(found.severity),
        enabled=found.enabled,
        muted_until=optional_timestamp(found.muted_until),
        provider=provider,
        provider_id=found.provider_id,
        category=found.category,
        queue=found.queue,
        states=list(alert_rules.states_of(found)) or None,
        value=found.value,
        measure=None if found.measure is None else Measure(found.measure),
        window_s=found.window_s,
        least=found.least,
        hysteresis=found.hysteresis,
        for_s=found.for_s,
        cooldown_s=found.cooldown_s,
        open=opened,
        created_at=timestamp(found.created_at),
        updated_at=timestamp(found.updated_at),
        links=AlertRuleLinks(
            self=f"/v1/alert-rules/{found.id}", alerts=f"/v1/alerts?rule={found.id}"
        ),
    )
