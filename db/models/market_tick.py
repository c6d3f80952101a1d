"""Ticks of the market feed."""

from sqlalchemy import BigInteger, Double, String
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Record, Seconds


class MarketTick(Record):
    """One tick: five numbers, or why there are none."""

    __tablename__ = "market_tick"

    sequence: Mapped[int] = mapped_column(
        BigInteger(), primary_key=True, autoincrement=False
    )
    """The tick's number, by the clock: who records it first has it."""
    due_at: Mapped[Seconds]
    source: Mapped[str] = mapped_column(String(300))
    simulated: Mapped[bool]
    discount_rate: Mapped[float | None] = mapped_column(Double())
    inflation_rate: Mapped[float | None] = mapped_column(Double())
    market_growth: Mapped[float | None] = mapped_column(Double())
    tech_index: Mapped[float | None] = mapped_column(Double())
    ai_adoption_rate: Mapped[float | None] = mapped_column(Double())
    gap: Mapped[str | None]
    """Why there are no numbers; None where there are."""
    gap_detail: Mapped[str | None]
    missed: Mapped[int]
    """How many ticks before this one went by unrecorded."""
    validator: Mapped[str | None] = mapped_column(String(300))
    """What a provider calls the version of its answer, and of which pointers."""
    recorded_at: Mapped[Seconds]
