"""Numbers that were collected from providers: listed, and what they amount to."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from db.models import ProviderCollection


@dataclass(frozen=True, slots=True)
class Collected:
    """What was collected in a window."""

    collections: int
    records: int
    """Numbers."""
    bytes: int
    mean_quality: float | None
    """From 0 to 1; None where nothing was collected."""
    mean_staleness_s: float | None
    skipped: int
    """Collections that were not to be had."""


def collected(
    connection: Connection,
    *,
    begin: float,
    end: float | None = None,
    provider_id: str | None = None,
) -> Collected:
    """Return what was collected from one provider, or from all of them."""
    was_skipped = ProviderCollection.skip_reason.is_not(None)
    query = select(
        func.count().filter(~was_skipped),
        func.coalesce(func.sum(ProviderCollection.records), 0),
        func.coalesce(func.sum(ProviderCollection.size), 0),
        func.avg(ProviderCollection.quality).filter(~was_skipped),
        func.avg(ProviderCollection.staleness_s).filter(~was_skipped),
        func.count().filter(was_skipped),
    ).where(ProviderCollection.at >= begin)
    if end is not None:
        query = query.where(ProviderCollection.at < end)
    if provider_id is not None:
        query = query.where(ProviderCollection.provider_id == provider_id)
    count, records, size, quality, staleness, skipped = connection.execute(query).one()
    return Collected(count, int(records), int(size), quality, staleness, skipped)


def list_collections(
    connection: Connection, provider_id: str, *, before: int | None, limit: int
) -> list[ProviderCollection]:
    """Return what was collected, the newest first, before the check of that number."""
    query = select(ProviderCollection).where(
        ProviderCollection.provider_id == provider_id
    )
    if before is not None:
        query = query.where(ProviderCollection.number < before)
    query = query.order_by(ProviderCollection.number.desc()).limit(limit)
    return [ProviderCollection(**row) for row in connection.execute(query).mappings()]
