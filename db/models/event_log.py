"""An ended job's whole log, as it was streamed."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Record


class ArchivedLog(Record):
    """Compressed NDJSON: line ``k`` is event ``k``."""

    __tablename__ = "event_log"

    job_id: Mapped[Id] = mapped_column(
        ForeignKey("job.id", ondelete="CASCADE"), primary_key=True
    )
    epoch: Mapped[str]
    last_sequence: Mapped[int]
    lines: Mapped[bytes]
