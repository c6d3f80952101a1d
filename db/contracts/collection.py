"""What is collected from an answer, and how good it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from db.contracts.json_pointer import number_at, value_at
from db.contracts.provider import Collection

_IN_MILLISECONDS = 100_000_000_000.0
"""From here on a moment is in milliseconds: in seconds it is the year 5138."""
STALE_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The numbers of one check, or why there are none."""

    values: Mapping[str, float | None] = field(default_factory=dict)
    """By series; None where there is no finite number."""
    data_at: float | None = None
    """The moment that they are of; None where that is not told."""
    staleness_s: float | None = None
    quality: float = 0.0
    """The share of the series that is there; half of it where the numbers are stale,
    or nobody knows how old they are."""
    skip_reason: str | None = None

    @property
    def records(self) -> int:
        """How many numbers there are."""
        return sum(each is not None for each in self.values.values())


def collect(wanted: Collection, document: Any, at: float) -> Collected:
    """Return what an answer of this moment has of what is wanted."""
    values = {name: number_at(document, path) for name, path in wanted.series.items()}
    data_at = moment_at(document, wanted.data_time) if wanted.data_time else at
    return _judged(wanted, values, data_at, at)


def collect_again(
    wanted: Collection,
    values: Mapping[str, float | None],
    data_at: float | None,
    at: float,
) -> Collected:
    """Return the same for an answer that has not changed since it had these values."""
    known = {name: values.get(name) for name in wanted.series}
    return _judged(wanted, known, data_at if wanted.data_time else at, at)


def moment_at(document: Any, pointer: str) -> float | None:
    """Return the moment that stands there: seconds, milliseconds or RFC 3339."""
    number = number_at(document, pointer)
    if number is not None:
        return number / 1000 if abs(number) >= _IN_MILLISECONDS else number
    text = value_at(document, pointer)
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _judged(
    wanted: Collection,
    values: Mapping[str, float | None],
    data_at: float | None,
    at: float,
) -> Collected:
    share = sum(each is not None for each in values.values()) / len(values)
    # A clock that goes before ours tells of no future.
    staleness = None if data_at is None else max(0.0, at - data_at)
    is_fresh = staleness is not None and staleness <= wanted.stale_after_s
    return Collected(
        values=values,
        data_at=data_at,
        staleness_s=staleness,
        quality=share if is_fresh else share * STALE_SHARE,
    )
