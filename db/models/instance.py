"""An instance, stored once and found by its content."""

from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Record, Seconds


class StoredInstance(Record):
    """The canonical bytes of ``db.instance_codec``, compressed."""

    __tablename__ = "instance"

    sha256: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    matrix_order: Mapped[int]
    exact: Mapped[bool]
    """Whether all values are integers."""
    linear: Mapped[bool]
    """Whether it is a linear assignment: no flow, or no distance."""
    size_bytes: Mapped[int]
    """Before compression."""
    content: Mapped[bytes] = mapped_column(deferred=True)
    created_at: Mapped[Seconds]
