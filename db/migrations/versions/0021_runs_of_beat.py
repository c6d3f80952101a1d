"""runs of what beat starts."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "beat_standing",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("every_s", sa.Double(), nullable=False),
        sa.Column("sent_at", sa.Double(), nullable=True),
        sa.Column("gap_from", sa.Double(), nullable=True),
        sa.Column("gap_number", sa.BigInteger(), nullable=True),
        sa.Column("begun_at", sa.Double(), nullable=True),
        sa.Column("started_at", sa.Double(), nullable=True),
        sa.Column("delay_s", sa.Double(), nullable=True),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.Column("outcome", sa.String(200), nullable=True),
        sa.Column("error_type", sa.String(200), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("on_time", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("skipped", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("triggered", sa.BigInteger(), nullable=False),
        sa.Column("extra", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_beat_standing")),
    )
    op.create_table(
        "beat_hour",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("runs", sa.BigInteger(), nullable=False),
        sa.Column("on_time", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("skipped", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("delay_sum_s", sa.Double(), nullable=False),
        sa.Column("delay_max_s", sa.Double(), nullable=False),
        sa.Column("duration_sum_s", sa.Double(), nullable=False),
        sa.Column("duration_max_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", "hour", name=op.f("pk_beat_hour")),
    )
    op.create_index("ix_beat_hour_hour", "beat_hour", ["hour"])
    op.create_table(
        "beat_run",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(200), nullable=False),
        sa.Column("expected_at", sa.Double(), nullable=True),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("delay_s", sa.Double(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("outcome", sa.String(200), nullable=False),
        sa.Column("error_type", sa.String(200), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("skipped", sa.BigInteger(), nullable=False),
        sa.Column("is_noted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", "number", name=op.f("pk_beat_run")),
    )
    op.create_index(
        "ix_beat_run_is_noted_started_at", "beat_run", ["is_noted", "started_at"]
    )


def downgrade() -> None:
    op.drop_table("beat_run")
    op.drop_table("beat_hour")
    op.drop_table("beat_standing")
