"""Find the newest jobs of one state without sorting all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TOP = sa.text("parent_id is null")


def upgrade() -> None:
    op.create_index(
        "ix_job_listed",
        "job",
        ["state", "created_at", "id"],
        sqlite_where=_TOP,
        postgresql_where=_TOP,
    )


def downgrade() -> None:
    op.drop_index("ix_job_listed", "job")
