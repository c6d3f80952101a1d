"""Find what a method, or a caller, has come to without looking at all others."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ENDED = sa.text("finished_at is not null")


def upgrade() -> None:
    for column in ("method", "caller"):
        op.create_index(
            f"ix_job_{column}_finished_at_id",
            "job",
            [column, "finished_at", "id"],
            sqlite_where=_ENDED,
            postgresql_where=_ENDED,
        )


def downgrade() -> None:
    for column in ("caller", "method"):
        op.drop_index(f"ix_job_{column}_finished_at_id", "job")
