"""What rules have seen of their subjects."""

from sqlalchemy import Double, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Record, Seconds


class AlertStanding(Record):
    """How a rule stands with one subject; where there is no row, nothing was seen.

    Whoever judges holds the row: what two processes see is raised by one.
    """

    __tablename__ = "alert_standing"

    rule_id: Mapped[Id] = mapped_column(
        ForeignKey("alert_rule.id", ondelete="CASCADE"), primary_key=True
    )
    subject: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    beyond_since: Mapped[Seconds | None]
    """Since when it is beyond the limit, and not for long enough yet."""
    last_value: Mapped[float | None] = mapped_column(Double())
    judged_at: Mapped[Seconds | None]
    raised_at: Mapped[Seconds | None]
    resolved_at: Mapped[Seconds | None]
    raises: Mapped[int]
    suppressed: Mapped[int]
