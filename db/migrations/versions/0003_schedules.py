"""schedules of users, and what came of them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BY_THE_CLOCK = sa.text("cause <> 'trigger'")


def upgrade() -> None:
    op.create_table(
        "schedule",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("seed", sa.String(200), nullable=False),
        sa.Column("caller", sa.String(200), nullable=False),
        sa.Column("priority_s", sa.Double(), nullable=False),
        sa.Column("webhook_url", sa.Text(), nullable=True),
        sa.Column("webhook_secret", sa.String(200), nullable=True),
        sa.Column("cron", sa.String(200), nullable=True),
        sa.Column("time_zone", sa.String(200), nullable=True),
        sa.Column("every_s", sa.BigInteger(), nullable=True),
        sa.Column("start_at", sa.Double(), nullable=False),
        sa.Column("end_at", sa.Double(), nullable=True),
        sa.Column("overlap", sa.String(200), nullable=False),
        sa.Column("catch_up_s", sa.BigInteger(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=True),
        sa.Column("waiting_at", sa.Double(), nullable=True),
        sa.Column("last_at", sa.Double(), nullable=True),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("runs", sa.BigInteger(), nullable=False),
        sa.Column("skips", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
    )
    op.create_index("ix_schedule_created_at_id", "schedule", ["created_at", "id"])
    op.create_index(op.f("ix_schedule_next_at"), "schedule", ["next_at"])
    op.create_index(op.f("ix_schedule_waiting_at"), "schedule", ["waiting_at"])
    op.create_table(
        "schedule_run",
        sa.Column("schedule_id", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("cause", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=True),
        sa.Column("recorded_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["schedule.id"],
            name=op.f("fk_schedule_run_schedule_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("schedule_id", "number", name=op.f("pk_schedule_run")),
    )
    op.create_index(
        "uq_schedule_run_due_at",
        "schedule_run",
        ["schedule_id", "due_at"],
        unique=True,
        sqlite_where=_BY_THE_CLOCK,
        postgresql_where=_BY_THE_CLOCK,
    )
    op.create_index(
        op.f("ix_schedule_run_recorded_at"), "schedule_run", ["recorded_at"]
    )


def downgrade() -> None:
    op.drop_table("schedule_run")
    op.drop_table("schedule")
