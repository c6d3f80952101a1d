"""What was used, added up; jobs come and go, and this stays."""

from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Record


class UsageOfDay(Record):
    """Of all callers in one day, by kind and price."""

    __tablename__ = "usage_of_day"

    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Days since 1970, UTC."""
    kind: Mapped[str] = mapped_column(primary_key=True)
    price: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The version that was in force when the jobs ended."""
    jobs: Mapped[int]
    cpu_ms: Mapped[int]
    """Each job's seconds rounded to milliseconds, and then added."""


class UsageOfMonth(Record):
    """Of one caller in one month, by kind and price: the lines of its invoice."""

    __tablename__ = "usage_of_month"

    month: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Twelve times the year, and the months of it before this one."""
    caller: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    price: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    jobs: Mapped[int]
    cpu_ms: Mapped[int]
