"""What checks have come to, by window: attempts, response times, time in each state.

Whole hours are read from `ProviderHour`, the parts of hours at the ends of a window
from the checks themselves: a window is exact to the moment while its checks are kept,
and to the hour afterwards. How much is read does not grow with how often is checked.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from db.contracts.provider import CheckOutcome, ErrorType, ProviderKind
from db.contracts.response_times import ResponseTimes
from db.contracts.watched import Watched
from db.engine import now
from db.models import ProviderCheck, ProviderHour
from db.repositories import providers

SECONDS_AN_HOUR = 3600.0
FAILURES = (CheckOutcome.FAILED, CheckOutcome.TIMEOUT, CheckOutcome.RATE_LIMITED)
_NO_ANSWER = frozenset(
    {
        *(ErrorType.TIMEOUT, ErrorType.NETWORK, ErrorType.TLS),
        *(ErrorType.FORBIDDEN_ADDRESS, ErrorType.NO_KEY),
    }
)
_SUCCESS = CheckOutcome.SUCCESS
_COUNTED = (*(each.value for each in CheckOutcome), "retried", "retried_well", "bytes")


@dataclass(slots=True)
class Attempts:
    """Checks of a window."""

    outcomes: Counter[CheckOutcome] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    """By `ErrorType`."""
    retried: int = 0
    """Checks that took further calls, and of them those that came to a success."""
    retried_well: int = 0
    bytes: int = 0
    times: ResponseTimes = field(default_factory=ResponseTimes)
    """Of answers, whatever they said."""

    @property
    def calls(self) -> int:
        """Return how many were made: those that were blocked were not."""
        return self.outcomes.total() - self.outcomes[CheckOutcome.BLOCKED]

    @property
    def failures(self) -> int:
        """Return how many of the calls did not succeed."""
        return sum(self.outcomes[each] for each in FAILURES)

    @property
    def success_rate(self) -> float | None:
        """Return the share of the calls; None where there was none."""
        calls = self.calls
        return self.outcomes[CheckOutcome.SUCCESS] / calls if calls else None

    def add(self, check: Mapping[Any, Any]) -> None:
        """Count one more check."""
        self.outcomes[CheckOutcome(check["outcome"])] += 1
        if check["error_type"] is not None:
            self.errors[check["error_type"]] += 1
        self.bytes += check["size"]
        if check["retries"]:
            self.retried += 1
            self.retried_well += check["outcome"] == CheckOutcome.SUCCESS
        if _is_answer(check):
            self.times.add(check["response_ms"])

    def add_hour(self, hour: Mapping[Any, Any]) -> None:
        """Count all checks of an hour."""
        for outcome in CheckOutcome:
            self.outcomes[outcome] += hour[outcome.value]
        self.errors.update(json.loads(hour["errors"]))
        self.retried += hour["retried"]
        self.retried_well += hour["retried_well"]
        self.bytes += hour["bytes"]
        self.times.merge(
            ResponseTimes.load(hour["timed"], hour["sum_ms"], hour["buckets"])
        )

    def columns(self) -> dict[str, Any]:
        """Return them as an hour keeps them."""
        return {
            **{each.value: self.outcomes[each] for each in CheckOutcome},
            "retried": self.retried,
            "retried_well": self.retried_well,
            "bytes": self.bytes,
            "timed": self.times.count,
            "sum_ms": self.times.sum_ms,
            "buckets": self.times.dump(),
            "errors": json.dumps(self.errors, sort_keys=True),
        }


@dataclass(frozen=True, slots=True)
class Traffic:
    """How much was asked in a window, of all providers."""

    calls: int = 0
    failures: int = 0
    mean_ms: float | None = None
    """Of answers."""


def count(connection: Connection, check: ProviderCheck) -> None:
    """Put a check that is being recorded into its hour.

    Whoever records holds the provider's row: nobody else writes its hours meanwhile.
    """
    hour = hour_of(check.at)
    of_it = (ProviderHour.provider_id == check.provider_id, ProviderHour.hour == hour)
    query = select(ProviderHour).where(*of_it)
    before = connection.execute(query).mappings().one_or_none()
    attempts = Attempts()
    if before is not None:
        attempts.add_hour(before)
    attempts.add({name: getattr(check, name) for name in _OF_CHECKS})
    values = attempts.columns()
    if before is None:
        key = {"provider_id": check.provider_id, "hour": hour}
        connection.execute(insert(ProviderHour).values(key | values))
    else:
        connection.execute(update(ProviderHour).where(*of_it).values(values))


def attempts(
    connection: Connection, provider_id: str, *, begin: float, end: float | None = None
) -> Attempts:
    """Return the checks of one provider that began in a window; by default until now.

    What began at ``begin`` is of the window, what began at ``end`` is not.
    """
    span = _Span.of(connection, begin, end)
    found = Attempts()
    whole = select(ProviderHour).where(
        ProviderHour.provider_id == provider_id, span.is_whole_hour
    )
    for hour in connection.execute(whole).mappings():
        found.add_hour(hour)
    for low, high in span.edges:
        checks = select(*_CHECK_COLUMNS).where(
            ProviderCheck.provider_id == provider_id,
            ProviderCheck.at >= low,
            ProviderCheck.at < high,
        )
        for check in connection.execute(checks).mappings():
            found.add(check)
    return found


def hours(
    connection: Connection, provider_id: str, *, begin: float
) -> list[tuple[float, Attempts]]:
    """Return the checks of each hour from that of ``begin`` on, with its beginning.

    An hour without any is not there.
    """
    query = (
        select(ProviderHour)
        .where(
            ProviderHour.provider_id == provider_id,
            ProviderHour.hour >= hour_of(begin),
        )
        .order_by(ProviderHour.hour)
    )
    found = []
    for row in connection.execute(query).mappings():
        of_hour = Attempts()
        of_hour.add_hour(row)
        found.append((row["hour"] * SECONDS_AN_HOUR, of_hour))
    return found


def by_provider(
    connection: Connection, *, begin: float, end: float | None = None
) -> dict[str, Attempts]:
    """Return the checks of all providers in a window, without their times and errors.

    Counted where they are: a thousand providers have 60,000 checks in an hour.
    """
    span = _Span.of(connection, begin, end)
    found: dict[str, Attempts] = {}
    summed = (
        select(
            ProviderHour.provider_id,
            *(func.sum(getattr(ProviderHour, name)).label(name) for name in _COUNTED),
            func.sum(ProviderHour.timed).label("timed"),
            func.sum(ProviderHour.sum_ms).label("sum_ms"),
        )
        .where(span.is_whole_hour)
        .group_by(ProviderHour.provider_id)
    )
    for row in connection.execute(summed).mappings():
        numbers = {name: int(row[name]) for name in (*_COUNTED, "timed")}
        rest = {"sum_ms": row["sum_ms"], "buckets": "{}", "errors": "{}"}
        found.setdefault(row["provider_id"], Attempts()).add_hour(numbers | rest)
    for low, high in span.edges:
        _add_edge(connection, found, low, high)
    return found


def errors(
    connection: Connection, *, begin: float, end: float | None = None
) -> Counter[str]:
    """Return how many checks of a window had each `ErrorType`, of all providers."""
    span = _Span.of(connection, begin, end)
    found: Counter[str] = Counter()
    kept = select(ProviderHour.errors).where(
        span.is_whole_hour, ProviderHour.errors != "{}"
    )
    for text in connection.execute(kept).scalars():
        found.update(json.loads(text))
    for low, high in span.edges:
        counted = (
            select(ProviderCheck.error_type, func.count())
            .where(
                ProviderCheck.at >= low,
                ProviderCheck.at < high,
                ProviderCheck.error_type.is_not(None),
            )
            .group_by(ProviderCheck.error_type)
        )
        found.update({str(row[0]): row[1] for row in connection.execute(counted)})
    return found


def traffic(
    connection: Connection, *, begin: float, end: float | None = None
) -> Traffic:
    """Return how much was asked of all providers in a window."""
    span = _Span.of(connection, begin, end)
    sums = [
        func.sum(getattr(ProviderHour, each.value)) for each in (*FAILURES, _SUCCESS)
    ]
    whole = select(
        *sums, func.sum(ProviderHour.timed), func.sum(ProviderHour.sum_ms)
    ).where(span.is_whole_hour)
    *counted, timed, took_ms = (each or 0 for each in connection.execute(whole).one())
    failures = sum(counted[:-1])
    calls = failures + counted[-1]
    for low, high in span.edges:
        # Without the providers: that is four times as fast, and asked all the time.
        edge = (
            select(
                ProviderCheck.outcome,
                func.count(),
                func.count().filter(_has_answer()),
                func.sum(ProviderCheck.response_ms).filter(_has_answer()),
            )
            .where(
                ProviderCheck.at >= low,
                ProviderCheck.at < high,
                ProviderCheck.outcome != CheckOutcome.BLOCKED.value,
            )
            .group_by(ProviderCheck.outcome)
        )
        for outcome, checks, answers, answers_ms in connection.execute(edge):
            calls += checks
            failures += checks if outcome != _SUCCESS.value else 0
            timed += answers
            took_ms += answers_ms or 0.0
    mean_ms = float(took_ms) / int(timed) if timed else None
    return Traffic(int(calls), int(failures), mean_ms)


def watched(connection: Connection) -> Watched:
    """Return in short how all providers are, and what was asked in the last hour."""
    moment = connection.execute(select(now())).scalar_one()
    lately = traffic(connection, begin=moment - SECONDS_AN_HOUR)
    return Watched(
        by_state=providers.count_by_state(connection),
        outside=providers.count_by_state(connection, kind=ProviderKind.HTTP),
        categories=tuple(providers.list_categories(connection)),
        calls_of_hour=lately.calls,
        failures_of_hour=lately.failures,
        mean_ms=lately.mean_ms,
    )


def forget_hours(connection: Connection, *, older_than_seconds: float) -> int:
    """Delete what hours so long ago have come to; return of how many."""
    limit = (now() - older_than_seconds) / SECONDS_AN_HOUR - 1.0
    gone = connection.execute(delete(ProviderHour).where(ProviderHour.hour < limit))
    return gone.rowcount


def hour_of(moment: float) -> int:
    """Return the number of the hour in which this moment is, since 1970."""
    return math.floor(moment / SECONDS_AN_HOUR)


@dataclass(frozen=True, slots=True)
class _Span:
    """A window: the hours that are read whole, and what is left at its ends."""

    first: int
    behind: int
    """The hour behind the last one; not before the first."""
    edges: tuple[tuple[float, float], ...]

    @property
    def is_whole_hour(self) -> ColumnElement[bool]:
        return (ProviderHour.hour >= self.first) & (ProviderHour.hour < self.behind)

    @classmethod
    def of(cls, connection: Connection, begin: float, end: float | None) -> "_Span":
        clock = select(now(), select(func.min(ProviderCheck.at)).scalar_subquery())
        moment, oldest = connection.execute(clock).one()
        kept_from = math.inf if oldest is None else oldest
        # No check has begun later than now: what is left of this hour is all of it.
        end = math.inf if end is None or end > moment else end
        first, last = math.ceil(begin / SECONDS_AN_HOUR), hour_of(min(end, moment))
        behind = last + 1 if end == math.inf else last
        if first > last and end != math.inf:
            # Both ends are in one hour.
            is_forgotten = begin < end and first * SECONDS_AN_HOUR <= kept_from
            return cls(last, first, ()) if is_forgotten else cls(0, 0, ((begin, end),))
        edges = []
        if begin < first * SECONDS_AN_HOUR:
            if first * SECONDS_AN_HOUR <= kept_from:
                # The checks of that hour are forgotten: it is taken whole.
                first -= 1
            else:
                edges.append((begin, first * SECONDS_AN_HOUR))
        if end != math.inf and end > last * SECONDS_AN_HOUR:
            if (last + 1) * SECONDS_AN_HOUR <= kept_from:
                behind += 1
            else:
                edges.append((last * SECONDS_AN_HOUR, end))
        return cls(first, max(first, behind), tuple(edges))


_CHECK_COLUMNS = (
    ProviderCheck.outcome,
    ProviderCheck.error_type,
    ProviderCheck.size,
    ProviderCheck.retries,
    ProviderCheck.response_ms,
)
_OF_CHECKS = tuple(each.key for each in _CHECK_COLUMNS)


def _is_answer(check: Mapping[Any, Any]) -> bool:
    return (
        check["response_ms"] is not None
        and check["outcome"] not in (CheckOutcome.TIMEOUT, CheckOutcome.BLOCKED)
        and check["error_type"] not in _NO_ANSWER
    )


def _has_answer() -> ColumnElement[bool]:
    return (
        ProviderCheck.response_ms.is_not(None)
        & ProviderCheck.outcome.not_in([CheckOutcome.TIMEOUT, CheckOutcome.BLOCKED])
        & func.coalesce(ProviderCheck.error_type, "").not_in(sorted(_NO_ANSWER))
    )


def _add_edge(
    connection: Connection, found: dict[str, Attempts], low: float, high: float
) -> None:
    has_answer = _has_answer()
    took_ms = ProviderCheck.response_ms
    query = (
        select(
            ProviderCheck.provider_id,
            ProviderCheck.outcome,
            func.count().label("checks"),
            func.count().filter(ProviderCheck.retries > 0).label("retried"),
            func.sum(ProviderCheck.size).label("bytes"),
            func.count().filter(has_answer).label("timed"),
            func.coalesce(func.sum(took_ms).filter(has_answer), 0.0).label("sum_ms"),
        )
        .where(ProviderCheck.at >= low, ProviderCheck.at < high)
        .group_by(ProviderCheck.provider_id, ProviderCheck.outcome)
    )
    for row in connection.execute(query).mappings():
        one = found.setdefault(row["provider_id"], Attempts())
        outcome = CheckOutcome(row["outcome"])
        one.outcomes[outcome] += row["checks"]
        one.retried += row["retried"]
        if outcome is CheckOutcome.SUCCESS:
            one.retried_well += row["retried"]
        one.bytes += int(row["bytes"])
        one.times.count += row["timed"]
        one.times.sum_ms += row["sum_ms"]
