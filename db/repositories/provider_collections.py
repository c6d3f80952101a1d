"""What was collected from providers: looked up."""

from sqlalchemy import Connection, select

from db.models import ProviderCollection


def latest(connection: Connection, provider_id: str) -> ProviderCollection | None:
    """Return what the provider gave last, whatever came of the checks since."""
    query = (
        select(ProviderCollection)
        .where(
            ProviderCollection.provider_id == provider_id,
            ProviderCollection.skip_reason.is_(None),
        )
        .order_by(ProviderCollection.number.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else ProviderCollection(**row)
