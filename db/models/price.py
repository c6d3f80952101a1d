"""Prices, as they were when."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Record, Seconds


class PriceVersion(Record):
    """What a kind of job has cost from one moment on. Never changed."""

    __tablename__ = "price"
    __table_args__ = (
        Index("uq_price_kind_in_force_at", "kind", "in_force_at", unique=True),
    )

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    per_job: Mapped[str]
    """Decimals, as text: no database may round them."""
    per_cpu_s: Mapped[str]
    in_force_at: Mapped[Seconds]
    """0 for the first: it holds for all that was there before."""
