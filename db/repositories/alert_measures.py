"""The numbers that rules of alerts judge, each read from what has happened."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, case, func, or_, select

from db.contracts.alert import AlertKind, Measure
from db.contracts.budget import Usage
from db.contracts.living_worker import LivingWorker
from db.contracts.provider import CheckOutcome
from db.engine import now
from db.models import AlertRule, Provider, ProviderCheck, ProviderCollection
from db.repositories import queues
from db.repositories.alert_rules import states_of
from db.repositories.providers import collection_of

OF_PROVIDER = "provider:"
P95_OF = 20
"""The slowest one of so many is left out."""
REMEMBERED_SECONDS = 3600.0
"""So long a worker that is gone is missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A number of one subject, and what it says in words."""

    subject: str
    value: float
    text: str
    provider_id: str | None = None
    provider: str | None = None
    limit: float | None = None
    """That of the subject itself, where the rule has none."""
    data: Mapping[str, Any] = field(default_factory=dict)
    is_remembered: bool = False
    """Whether it is worth to know later that it was there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The file system of a host's home of the service."""

    host: str
    free: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the database does not know."""

    workers: Sequence[LivingWorker] | None = None
    """None while nobody knows."""
    disk: Disk | None = None
    budgets: Mapping[str, Sequence[Usage]] | None = None
    """By the provider's id; None while nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """For what numbers are wanted."""

    rule: AlertRule
    known: Mapping[str, float | None]
    """Subjects of which something was seen before; where it was raised, since when."""
    at: float
    around: Around
    only: frozenset[str] | None = None
    """The ids of the providers that are asked about; None is all of the rule's."""


Read = Callable[[Connection, Looked], list[Measured] | None]
"""None: nobody can know now, and nothing is to be judged."""


def measured(connection: Connection, looked: Looked) -> list[Measured] | None:
    """Return the numbers that a rule is about at this moment."""
    return READ[AlertKind(looked.rule.kind)](connection, looked)


def state_measured(provider: Provider, states: Collection[str]) -> Measured:
    """Return whether the provider is in one of the states, as 1 or 0."""
    why = f": {provider.last_error}" if provider.last_error else ""
    return Measured(
        subject=subject_of(provider.id),
        value=float(provider.state in states),
        text=f"{provider.name} is {provider.state}{why}",
        provider_id=provider.id,
        provider=provider.name,
        limit=1.0,
        data={
            "state": provider.state,
            "since": provider.state_since,
            "error_type": provider.last_error_type,
            "response_time_ms": provider.last_response_ms,
        },
    )


def subject_of(provider_id: str) -> str:
    return f"{OF_PROVIDER}{provider_id}"


def provider_of(subject: str) -> str:
    """Return the id of the provider that a subject is about; empty of another one."""
    kind, _, rest = subject.partition(":")
    return rest.partition(":")[0] if f"{kind}:" == OF_PROVIDER else ""


def _state(connection: Connection, looked: Looked) -> list[Measured] | None:
    states = states_of(looked.rule)
    known = [each.removeprefix(OF_PROVIDER) for each in looked.known]
    query = _of(looked, select(Provider)).where(
        or_(Provider.state.in_(states), Provider.id.in_(known))
    )
    rows = connection.execute(query).mappings()
    return [state_measured(Provider(**row), states) for row in rows]


def _budget(connection: Connection, looked: Looked) -> list[Measured] | None:
    budgets = looked.around.budgets
    if budgets is None:
        return None
    query = _of(looked, select(Provider)).where(Provider.limits != "[]")
    return [
        budget_measured(row["id"], row["name"], usage)
        for row in connection.execute(query).mappings()
        for usage in budgets.get(row["id"], ())
    ]


def budget_measured(provider_id: str, name: str, usage: Usage) -> Measured:
    """Return how much of a budget is used, from 0 to 1 and beyond."""
    per, calls = usage.limit.per.value, usage.limit.calls
    return Measured(
        subject=f"{subject_of(provider_id)}:{per}",
        value=usage.used / calls,
        text=f"{name} has used {usage.used} of {calls} calls a {per}",
        provider_id=provider_id,
        provider=name,
        data={
            "per": per,
            "calls": calls,
            "used": usage.used,
            "resets_at": usage.resets_at,
        },
    )


def _staleness(connection: Connection, looked: Looked) -> list[Measured] | None:
    of_it = ProviderCollection.provider_id == Provider.id
    newest = (
        select(func.coalesce(ProviderCollection.data_at, ProviderCollection.at))
        .where(of_it, ProviderCollection.records > 0)
        .order_by(ProviderCollection.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    since = func.coalesce(newest, Provider.created_at).label("data_since")
    everything: Any = select(Provider, since)
    query = _of(looked, everything).where(Provider.collection.is_not(None))
    told = []
    for row in connection.execute(query).mappings():
        found = dict(row)
        age = max(0.0, looked.at - found.pop("data_since"))
        provider = Provider(**found)
        collection = collection_of(provider)
        told.append(
            Measured(
                subject=subject_of(provider.id),
                value=age,
                text=f"the numbers of {provider.name} are {age:.0f} s old",
                provider_id=provider.id,
                provider=provider.name,
                limit=None if collection is None else collection.stale_after_s,
                data={"age_s": round(age, 3)},
            )
        )
    return told


def _failure_rate(connection: Connection, looked: Looked) -> list[Measured] | None:
    rule = looked.rule
    has_failed = ProviderCheck.outcome != CheckOutcome.SUCCESS.value
    total = func.count()
    query = (
        _of(looked, _lately(looked, func.sum(case((has_failed, 1), else_=0)), total))
        .where(ProviderCheck.outcome != CheckOutcome.BLOCKED.value)
        .group_by(Provider.id, Provider.name)
        .having(total >= (rule.least or 1))
    )
    return [
        Measured(
            subject=subject_of(provider_id),
            value=failed / of,
            text=f"{failed} of {of} checks of {name} have failed in "
            f"{_window(rule):.0f} s",
            provider_id=provider_id,
            provider=name,
            data={"failed": int(failed), "checks": of, "window_s": _window(rule)},
        )
        for provider_id, name, failed, of in connection.execute(query)
    ]


def _latency(connection: Connection, looked: Looked) -> list[Measured] | None:
    rule = looked.rule
    is_mean = rule.measure == Measure.MEAN
    took = ProviderCheck.response_ms
    one = ProviderCheck.provider_id
    rank = func.row_number().over(partition_by=one, order_by=took).label("rank")
    total = func.count().over(partition_by=one).label("total")
    mean = func.avg(took).over(partition_by=one).label("mean")
    ranked = (
        _of(looked, _lately(looked, took.label("took"), mean, rank, total))
        .where(took.is_not(None))
        .subquery()
    )
    # The nearest rank: what 19 of 20 answers took at most.
    nearest = ranked.c.total - ranked.c.total // P95_OF
    query = select(ranked).where(
        ranked.c.rank == nearest, ranked.c.total >= (rule.least or 1)
    )
    told = "mean" if is_mean else "p95"
    return [
        Measured(
            subject=subject_of(row.id),
            value=row.mean if is_mean else row.took,
            text=f"the {told} of {row.total} answers of {row.name} is "
            f"{row.mean if is_mean else row.took:.0f} ms",
            provider_id=row.id,
            provider=row.name,
            data={
                "p95_ms": row.took,
                "mean_ms": row.mean,
                "checks": row.total,
                "window_s": _window(rule),
            },
        )
        for row in connection.execute(query)
    ]


def _queue_age(connection: Connection, looked: Looked) -> list[Measured] | None:
    standings = queues.standings(connection)
    # Of one in which nothing is any more nothing waits.
    known = {each.partition(":")[2] for each in looked.known}
    nothing = queues.Standing(waiting=0, running=0, oldest_age_s=0.0)
    return [
        Measured(
            subject=f"queue:{name}",
            value=standing.oldest_age_s,
            text=f"a job has waited {standing.oldest_age_s:.0f} s in {name}, "
            f"where {standing.waiting} wait and {standing.running} run",
            data={"waiting": standing.waiting, "running": standing.running},
        )
        for name in sorted(set(standings) | known)
        if looked.rule.queue in {None, name}
        for standing in (standings.get(name, nothing),)
    ]


def _worker_loss(connection: Connection, looked: Looked) -> list[Measured] | None:
    workers = looked.around.workers
    if workers is None:
        return None
    if looked.rule.value is not None:
        # A look is made by a courier: counting those, there is always one.
        names = [each.name for each in workers if each.solves]
        told = f"{len(names)} workers that run jobs live"
        return [
            Measured(
                subject="workers",
                value=float(len(names)),
                text=told,
                data={"workers": names[:100]},
            )
        ]
    living = {f"worker:{each.name}": each for each in workers}
    measured = [
        Measured(
            subject=subject[:200],
            value=1.0,
            limit=1.0,
            text=f"{each.name} lives",
            is_remembered=True,
        )
        for subject, each in living.items()
    ]
    for subject, raised_at in looked.known.items():
        is_missed = raised_at is None or looked.at - raised_at < REMEMBERED_SECONDS
        if subject not in living and is_missed:
            name = subject.partition(":")[2]
            measured.append(
                Measured(subject=subject, value=0.0, limit=1.0, text=f"{name} is gone")
            )
    return measured


def _disk(connection: Connection, looked: Looked) -> list[Measured] | None:
    disk = looked.around.disk
    if disk is None:
        return None
    share = disk.free / disk.total
    return [
        Measured(
            subject=f"disk:{disk.host}"[:200],
            value=float(disk.free) if looked.rule.measure == Measure.BYTES else share,
            text=f"{share:.1%} of the disk of {disk.host} is free, "
            f"{disk.free / 1e9:.3g} GB",
            data={"free_bytes": disk.free, "total_bytes": disk.total},
        )
    ]


READ: dict[AlertKind, Read] = {
    AlertKind.STATE: _state,
    AlertKind.BUDGET: _budget,
    AlertKind.STALENESS: _staleness,
    AlertKind.FAILURE_RATE: _failure_rate,
    AlertKind.LATENCY: _latency,
    AlertKind.QUEUE_AGE: _queue_age,
    AlertKind.WORKER_LOSS: _worker_loss,
    AlertKind.DISK: _disk,
}


def _of(looked: Looked, query: Select[Any]) -> Select[Any]:
    """Return the query of the providers that the rule watches."""
    rule = looked.rule
    query = query.where(Provider.paused.is_(False))
    if rule.provider_id is not None:
        query = query.where(Provider.id == rule.provider_id)
    if rule.category is not None:
        query = query.where(Provider.category == rule.category)
    if looked.only is not None:
        query = query.where(Provider.id.in_(looked.only))
    return query


def _lately(looked: Looked, *columns: Any) -> Select[Any]:
    return (
        select(Provider.id, Provider.name, *columns)
        .join(ProviderCheck, ProviderCheck.provider_id == Provider.id)
        .where(ProviderCheck.at > now() - _window(looked.rule))
    )


def _window(rule: AlertRule) -> float:
    return rule.window_s or REMEMBERED_SECONDS
