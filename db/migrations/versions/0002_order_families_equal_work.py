"""order, families of jobs, and equal work done once.

Columns are added one by one: a table that is copied and dropped, as SQLite's other way
is, would take the rows of its children with it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WAITS = sa.text("state = 'queued' and not held")
_IN_FLIGHT = sa.text("leads and state in ('queued', 'running')")


def _columns() -> list[sa.Column[object]]:
    no, nought = sa.false(), "0"
    return [
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("caller", sa.String(200), nullable=False, server_default=""),
        sa.Column("priority_s", sa.Double(), nullable=False, server_default=nought),
        sa.Column("order_at", sa.Double(), nullable=False, server_default=nought),
        sa.Column("held", sa.Boolean(), nullable=False, server_default=no),
        sa.Column("origin", sa.String(200), nullable=True),
        sa.Column("origin_id", sa.String(64), nullable=True),
        sa.Column("parent_id", sa.String(64), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("children", sa.BigInteger(), nullable=True),
        sa.Column("fan_out", sa.BigInteger(), nullable=True),
        sa.Column("fingerprint", sa.String(64), nullable=True),
        sa.Column("leads", sa.Boolean(), nullable=False, server_default=no),
        sa.Column("follows", sa.String(64), nullable=True),
        sa.Column("cached_from", sa.String(64), nullable=True),
        sa.Column("result_removed_at", sa.Double(), nullable=True),
        sa.Column("eta_low_at", sa.Double(), nullable=True),
        sa.Column("eta_high_at", sa.Double(), nullable=True),
    ]


def upgrade() -> None:
    op.create_table(
        "share",
        sa.Column("queue", sa.String(200), nullable=False),
        sa.Column("caller", sa.String(200), nullable=False),
        sa.Column("served", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("queue", "caller", name=op.f("pk_share")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("caller", sa.String(200), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("location", sa.String(200), nullable=True),
        sa.Column("answer_by", sa.Double(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["job.id"],
            name=op.f("fk_idempotency_key_job_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(
        op.f("ix_idempotency_key_created_at"), "idempotency_key", ["created_at"]
    )
    for column in _columns():
        op.add_column("job", column)
    op.execute("update job set order_at = created_at")
    op.create_index("ix_job_follows", "job", ["follows"])
    op.create_index("ix_job_fingerprint", "job", ["fingerprint", "finished_at"])
    op.create_index("ix_job_origin_id", "job", ["origin_id"])
    op.create_index(
        "ix_job_parent_id_state", "job", ["parent_id", "state", "held", "position"]
    )
    op.create_index(
        "uq_job_parent_id_position", "job", ["parent_id", "position"], unique=True
    )
    op.create_index(
        "ix_job_turn",
        "job",
        ["queue", "caller", "order_at"],
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )
    op.create_index(
        "uq_job_in_flight",
        "job",
        ["fingerprint"],
        unique=True,
        sqlite_where=_IN_FLIGHT,
        postgresql_where=_IN_FLIGHT,
    )


def downgrade() -> None:
    for index in (
        "uq_job_in_flight",
        "ix_job_turn",
        "uq_job_parent_id_position",
        "ix_job_parent_id_state",
        "ix_job_origin_id",
        "ix_job_fingerprint",
        "ix_job_follows",
    ):
        op.drop_index(index, "job")
    for column in reversed(_columns()):
        op.drop_column("job", column.name)
    op.drop_table("idempotency_key")
    op.drop_table("share")
