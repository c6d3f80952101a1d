"""Providers: named, changed, paused, deleted; and how each one stands."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from db.contracts.errors import NameTakenError, NotFoundError, QuotaExceededError
from db.contracts.identifier import new_id
from db.contracts.provider import (
    Collection,
    Expectation,
    Key,
    Limit,
    Origin,
    ProviderKind,
    ProviderState,
    Standing,
)
from db.engine import now
from db.models import Provider, ProviderChange
from db.repositories.paging import Cursor, newest_first

PAUSED = "it is paused"


MOST_CATEGORIES = 100


@dataclass(frozen=True, kw_only=True)
class Description:
    """What is asked of a provider, and how often."""

    name: str
    kind: ProviderKind = ProviderKind.HTTP
    category: str
    description: str = ""
    url: str = ""
    second_url: str = ""
    key: Key | None = None
    limits: Sequence[Limit] = ()
    expectation: Expectation = field(default_factory=Expectation)
    collection: Collection | None = None
    tier: int = 2
    every_s: float = 300.0
    paused: bool = False


@dataclass(frozen=True, slots=True)
class ProviderFilter:
    """Which providers are wanted; None is any."""

    category: str | None = None
    state: ProviderState | None = None
    search: str | None = None
    """A part of the name."""


def add(
    connection: Connection,
    new: Description,
    *,
    origin: Origin,
    most: int | None = None,
) -> Provider:
    """Record a provider, to be checked at once; raises NameTakenError.

    Names are told apart by more than their capitals. Raises QuotaExceededError where
    there are ``most`` of this origin already.
    """
    if most is not None and _count(connection, origin) >= most:
        raise QuotaExceededError(
            f"there are {most} providers, as many as the API may name",
            suggestion="Delete one, or have SOLVEQUEUE_MAX_PROVIDERS raised.",
        )
    _check_free(connection, new.name)
    moment = connection.execute(select(now())).scalar_one()
    values = _columns(new) | {
        "id": new_id("prv"),
        "origin": origin.value,
        "state": ProviderState.UNKNOWN.value,
        "level": ProviderState.UNKNOWN.value,
        "state_since": moment,
        "next_at": None if new.paused else moment,
        "created_at": moment,
        "updated_at": moment,
    }
    try:
        with connection.begin_nested():
            made = connection.execute(
                insert(Provider).values(values).returning(Provider)
            )
            # Read to its end within: SQLite releases nothing before.
            return Provider(**made.mappings().one())
    except IntegrityError as error:
        raise _taken(new.name) from error


def change(connection: Connection, provider_id: str, new: Description) -> Provider:
    """Ask it otherwise from now on; it is checked at once.

    How it stands stays, unless it is asked elsewhere: nothing is known of that place.
    """
    held = _held(connection, provider_id)
    if new.name != held.name:
        _check_free(connection, new.name, but=provider_id)
    values = _columns(new) | {
        "next_at": None if new.paused else now(),
        # What is under way asks what was asked before: it is not waited for.
        "claimed_until": 0.0,
        # What was learnt may not be so where it is asked now.
        "on_second": False,
        "failed_in_a_row": 0,
        "open_until": 0.0,
        "wait_until": 0.0,
        "declared": None,
        "version": Provider.version + 1,
        "updated_at": now(),
    }
    before = description_of(held)
    if new.url != before.url:
        values |= _unknown_from_now(connection, held, "it is asked elsewhere")
    elif new.paused and not before.paused:
        values |= _unknown_from_now(connection, held, PAUSED)
    try:
        with connection.begin_nested():
            return _updated(connection, provider_id, values)
    except IntegrityError as error:
        raise _taken(new.name) from error


def set_paused(
    connection: Connection, provider_id: str, *, paused: bool, left: bool = False
) -> Provider:
    """Check it no more, or at once and then again as before.

    How it is while it is paused nobody knows. ``left`` says that the registry file has
    forgotten it.
    """
    held = _held(connection, provider_id)
    values: dict[str, Any] = {"paused": paused}
    if left or not paused:
        values["left_at"] = now() if left else None
    if held.paused != paused:
        values |= {
            "next_at": None if paused else now(),
            # What a check under way sees comes too late to say how it is.
            "claimed_until": 0.0,
            "updated_at": now(),
        }
        if paused:
            values |= _unknown_from_now(connection, held, PAUSED)
    return _updated(connection, provider_id, values)


def make_due(connection: Connection, provider_ids: Sequence[str] | None = None) -> int:
    """Have these, or all that are not paused, checked at once; return how many.

    A check that was asked for by name passes an open circuit.
    """
    due = update(Provider).where(Provider.paused.is_(False)).values(next_at=now())
    if provider_ids is not None:
        due = due.where(Provider.id.in_(provider_ids)).values(open_until=0.0)
    return connection.execute(due).rowcount


def remove(connection: Connection, provider_id: str) -> None:
    """Forget a provider and all that was seen of it."""
    gone = connection.execute(delete(Provider).where(Provider.id == provider_id))
    if not gone.rowcount:
        raise _not_found(provider_id)


def get(connection: Connection, provider_id: str) -> Provider:
    """Return the provider; raises NotFoundError."""
    query = select(Provider).where(Provider.id == provider_id)
    return _one(connection.execute(query).mappings().one_or_none(), provider_id)


def get_named(connection: Connection, name: str) -> Provider:
    """Return the provider of this name, however it is capitalised."""
    query = select(Provider).where(func.lower(Provider.name) == name.lower()).limit(1)
    return _one(connection.execute(query).mappings().one_or_none(), name)


def of_origin(connection: Connection, origin: Origin) -> list[Provider]:
    """Return all that were named there, by name."""
    query = select(Provider).where(Provider.origin == origin.value)
    rows = connection.execute(query.order_by(Provider.name)).mappings()
    return [Provider(**row) for row in rows]


def list_providers(
    connection: Connection,
    wanted: ProviderFilter,
    *,
    after: Cursor | None,
    limit: int,
) -> list[Provider]:
    """Return providers, newest first."""
    query = select(Provider)
    if wanted.category is not None:
        query = query.where(Provider.category == wanted.category)
    if wanted.state is not None:
        query = query.where(Provider.state == wanted.state.value)
    if wanted.search is not None:
        query = query.where(Provider.name.icontains(wanted.search, autoescape=True))
    query = newest_first(
        query, Provider.created_at, Provider.id, after=after, limit=limit
    )
    return [Provider(**row) for row in connection.execute(query).mappings()]


def list_categories(connection: Connection) -> Sequence[str]:
    """Return the categories of those that are not paused, by name; at most some."""
    query = (
        select(Provider.category)
        .where(Provider.paused.is_(False))
        .distinct()
        .order_by(Provider.category)
        .limit(MOST_CATEGORIES)
    )
    return connection.execute(query).scalars().all()


def count_by_state(
    connection: Connection, *, kind: ProviderKind | None = None
) -> dict[ProviderState, int]:
    """Return how many there are in each state, of a kind; paused ones are left out."""
    query = (
        select(Provider.state, func.count())
        .where(Provider.paused.is_(False))
        .group_by(Provider.state)
    )
    if kind is not None:
        query = query.where(Provider.kind == kind.value)
    counted = {row[0]: row[1] for row in connection.execute(query)}
    return {state: counted.get(state.value, 0) for state in ProviderState}


def description_of(found: Provider) -> Description:
    """Return what is asked of it."""
    return Description(
        name=found.name,
        kind=ProviderKind(found.kind),
        category=found.category,
        description=found.description,
        url=found.url,
        second_url=found.second_url,
        key=key_of(found),
        limits=limits_of(found),
        expectation=expectation_of(found),
        collection=collection_of(found),
        tier=found.tier,
        every_s=found.every_s,
        paused=found.paused,
    )


def key_of(found: Provider) -> Key | None:
    return None if found.key is None else Key.model_validate_json(found.key)


def expectation_of(found: Provider) -> Expectation:
    return Expectation.model_validate_json(found.expectation)


def limits_by_id(connection: Connection) -> dict[str, tuple[Limit, ...]]:
    """Return what those that are not paused allow, where they have said so."""
    query = select(Provider.id, Provider.limits).where(
        Provider.paused.is_(False), Provider.limits != "[]"
    )
    return {
        provider_id: tuple(Limit.model_validate(each) for each in json.loads(text))
        for provider_id, text in connection.execute(query)
    }


def limits_of(found: Provider) -> tuple[Limit, ...]:
    return tuple(Limit.model_validate(each) for each in json.loads(found.limits))


def collection_of(found: Provider) -> Collection | None:
    if found.collection is None:
        return None
    return Collection.model_validate_json(found.collection)


def standing_of(found: Provider) -> Standing:
    return Standing(
        state=ProviderState(found.state),
        level=ProviderState(found.level),
        streak=found.streak,
    )


def _held(connection: Connection, provider_id: str) -> Provider:
    query = select(Provider).where(Provider.id == provider_id).with_for_update()
    return _one(connection.execute(query).mappings().one_or_none(), provider_id)


def _updated(
    connection: Connection, provider_id: str, values: Mapping[str, Any]
) -> Provider:
    row = connection.execute(
        update(Provider)
        .where(Provider.id == provider_id)
        .values(values)
        .returning(Provider)
    )
    return _one(row.mappings().one_or_none(), provider_id)


def _count(connection: Connection, origin: Origin) -> int:
    query = select(func.count()).where(Provider.origin == origin.value)
    return connection.execute(query).scalar_one()


def _check_free(connection: Connection, name: str, *, but: str = "") -> None:
    query = select(Provider.id).where(
        func.lower(Provider.name) == name.lower(), Provider.id != but
    )
    if connection.execute(query.limit(1)).scalar_one_or_none() is not None:
        raise _taken(name)


def _unknown_from_now(
    connection: Connection, held: Provider, reason: str
) -> dict[str, Any]:
    """Record that nothing is known of it any more; return the columns that say so."""
    unknown = ProviderState.UNKNOWN.value
    if held.state == unknown:
        return {"streak": 0, "level": unknown}
    moment = connection.execute(select(now())).scalar_one()
    connection.execute(
        insert(ProviderChange).values(
            id=new_id("pch"),
            provider_id=held.id,
            check_number=held.checks,
            at=moment,
            old_state=held.state,
            new_state=unknown,
            reason=reason,
            response_ms=None,
        )
    )
    return {
        "state": unknown,
        "state_since": moment,
        "level": unknown,
        "streak": 0,
    }


def _columns(new: Description) -> dict[str, Any]:
    return {
        "name": new.name,
        "kind": new.kind.value,
        "category": new.category,
        "description": new.description,
        "url": new.url,
        "second_url": new.second_url,
        "key": None if new.key is None else new.key.model_dump_json(),
        "limits": json.dumps([each.model_dump(mode="json") for each in new.limits]),
        "expectation": new.expectation.model_dump_json(),
        "collection": None
        if new.collection is None
        else new.collection.model_dump_json(),
        "tier": new.tier,
        "every_s": new.every_s,
        "paused": new.paused,
    }


def _one(row: Mapping[Any, Any] | None, which: str) -> Provider:
    if row is None:
        raise _not_found(which)
    return Provider(**row)


def _not_found(which: str) -> NotFoundError:
    return NotFoundError(f"there is no provider {which}")


def _taken(name: str) -> NameTakenError:
    return NameTakenError(f"there is a provider named {name!r} already")
