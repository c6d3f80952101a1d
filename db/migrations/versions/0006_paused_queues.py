"""queues from which workers take no jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "queue_pause",
        sa.Column("queue", sa.String(200), nullable=False),
        sa.Column("paused_at", sa.Double(), nullable=False),
        sa.Column("paused_by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("queue", name=op.f("pk_queue_pause")),
    )


def downgrade() -> None:
    op.drop_table("queue_pause")
