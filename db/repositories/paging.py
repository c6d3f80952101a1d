"""Listings page by page, the newest first."""

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

Query = TypeVar("Query", bound=Select[Any])


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last record of the page before, and the moment by which it was listed."""

    created_at: float
    id: str


def newest_first(
    query: Query,
    moment: InstrumentedAttribute[Any],
    record_id: InstrumentedAttribute[str],
    *,
    after: Cursor | None,
    limit: int,
) -> Query:
    """Return the query in order, from behind the page before, and no longer than this.

    Of one moment the greater id comes first.
    """
    query = query.order_by(moment.desc(), record_id.desc()).limit(limit)
    if after is None:
        return query
    return query.where(tuple_(moment, record_id) < tuple_(after.created_at, after.id))
