"""endpoints of owners, notices, and receivers that do not answer."""

# ruff: noqa: S608 - the statements are made of constants

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_USUAL = (
    " batch.completed benchmark.completed job.cancelled job.expired job.failed"
    " job.succeeded "
)
_KEPT = (
    "id, job_id, ordinal, endpoint_id, state, tries, next_attempt_at, hinted_until, "
    "lease_until, created_at, finished_at"
)
_KEPT_OF_ATTEMPTS = (
    "delivery_id, number, started_at, duration_ms, status_code, error, response_head"
)


def upgrade() -> None:
    for column in (
        sa.Column("owner", sa.String(200), nullable=True),
        sa.Column("mode", sa.String(200), nullable=False, server_default="push"),
        sa.Column("receiver", sa.String(64), nullable=False, server_default=""),
        sa.Column("old_secrets", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("events", sa.Text(), nullable=False, server_default=_USUAL),
        sa.Column("payload", sa.String(200), nullable=False, server_default="full"),
        sa.Column("description", sa.Text(), nullable=False, server_default=""),
        sa.Column("state", sa.String(200), nullable=False, server_default="active"),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("failing_since", sa.Double(), nullable=True),
        sa.Column("updated_at", sa.Double(), nullable=False, server_default="0"),
    ):
        op.add_column("endpoint", column)
    # Each by itself: whose they are is their jobs' to say.
    op.execute("update endpoint set receiver = id, updated_at = created_at")
    op.create_index("ix_endpoint_owner_created_at", "endpoint", ["owner", "created_at"])
    op.add_column("schedule", sa.Column("webhook_events", sa.Text(), nullable=True))
    op.create_table(
        "notice",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("type", sa.String(200), nullable=False),
        sa.Column("time", sa.Double(), nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_told"), "notice", ["told"])
    op.create_table(
        "receiver",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("open_until", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receiver")),
    )
    _set_aside()
    _create_deliveries()
    op.execute(
        f"insert into delivery ({_KEPT}, event_type, mode, trigger, tries_before) "
        f"select {_KEPT}, coalesce((select type from event where event.job_id = "
        "delivery_old.job_id and event.ordinal = delivery_old.ordinal), ''), "
        "'push', 'schedule', 0 from delivery_old"
    )
    op.execute(
        f"insert into delivery_attempt ({_KEPT_OF_ATTEMPTS}, trigger) "
        f"select {_KEPT_OF_ATTEMPTS}, 'schedule' from delivery_attempt_old"
    )
    _drop_what_was_set_aside()


def _set_aside() -> None:
    """Make room for tables of these names: SQLite cannot let a column be null.

    Attempts first, for they go with their deliveries.
    """
    for table in ("delivery_attempt", "delivery"):
        op.execute(f"create table {table}_old as select * from {table}")
        op.drop_table(table)


def _drop_what_was_set_aside() -> None:
    op.drop_table("delivery_attempt_old")
    op.drop_table("delivery_old")


def _create_deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=True),
        sa.Column("ordinal", sa.BigInteger(), nullable=True),
        sa.Column("notice_id", sa.String(64), nullable=True),
        sa.Column("endpoint_id", sa.String(64), nullable=False),
        sa.Column("event_type", sa.String(200), nullable=False),
        sa.Column("mode", sa.String(200), nullable=False),
        sa.Column("state", sa.String(200), nullable=False),
        sa.Column("trigger", sa.String(200), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("tries_before", sa.BigInteger(), nullable=False),
        *_times(),
        _goes_with("delivery", "endpoint"),
        _goes_with("delivery", "job"),
        _goes_with("delivery", "notice"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "job_id",
            "ordinal",
            "endpoint_id",
            name=op.f("uq_delivery_job_id_ordinal_endpoint_id"),
        ),
        sa.UniqueConstraint(
            "notice_id", "endpoint_id", name=op.f("uq_delivery_notice_id_endpoint_id")
        ),
    )
    for name, columns in (
        ("ix_delivery_due", ["state", "mode", "next_attempt_at"]),
        ("ix_delivery_listed", ["endpoint_id", "created_at", "id"]),
        ("ix_delivery_owed", ["endpoint_id", "state", "next_attempt_at"]),
        ("ix_delivery_lease_until", ["lease_until"]),
    ):
        op.create_index(name, "delivery", columns)
    op.create_table(
        "delivery_attempt",
        *_of_attempts(),
        sa.Column("trigger", sa.String(200), nullable=False),
        sa.Column("next_attempt_at", sa.Double(), nullable=True),
        _goes_with("delivery_attempt", "delivery"),
        sa.PrimaryKeyConstraint(
            "delivery_id", "number", name=op.f("pk_delivery_attempt")
        ),
    )


def _times() -> list[sa.Column[float]]:
    return [
        sa.Column("next_attempt_at", sa.Double(), nullable=False),
        sa.Column("hinted_until", sa.Double(), nullable=False),
        sa.Column("lease_until", sa.Double(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("finished_at", sa.Double(), nullable=True),
    ]


def _of_attempts() -> list[sa.Column[object]]:
    return [
        sa.Column("delivery_id", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("duration_ms", sa.Double(), nullable=False),
        sa.Column("status_code", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("response_head", sa.Text(), nullable=True),
    ]


def _goes_with(table: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [f"{other}_id"],
        [f"{other}.id"],
        name=op.f(f"fk_{table}_{other}_id"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    # What there was no place for before.
    op.execute("delete from endpoint where job_id is null")
    op.execute("delete from delivery where job_id is null")
    _set_aside()
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("endpoint_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(200), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        *_times(),
        _goes_with("delivery", "endpoint"),
        _goes_with("delivery", "job"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "job_id",
            "ordinal",
            "endpoint_id",
            name=op.f("uq_delivery_job_id_ordinal_endpoint_id"),
        ),
    )
    op.create_index(op.f("ix_delivery_endpoint_id"), "delivery", ["endpoint_id"])
    op.create_index(
        "ix_delivery_state_next_attempt_at", "delivery", ["state", "next_attempt_at"]
    )
    op.create_table(
        "delivery_attempt",
        *_of_attempts(),
        _goes_with("delivery_attempt", "delivery"),
        sa.PrimaryKeyConstraint(
            "delivery_id", "number", name=op.f("pk_delivery_attempt")
        ),
    )
    op.execute(f"insert into delivery ({_KEPT}) select {_KEPT} from delivery_old")
    op.execute(
        f"insert into delivery_attempt ({_KEPT_OF_ATTEMPTS}) "
        f"select {_KEPT_OF_ATTEMPTS} from delivery_attempt_old"
    )
    _drop_what_was_set_aside()
    op.drop_table("receiver")
    op.drop_index(op.f("ix_notice_told"), table_name="notice")
    op.drop_table("notice")
    op.drop_column("schedule", "webhook_events")
    op.drop_index("ix_endpoint_owner_created_at", table_name="endpoint")
    for column in (
        *("owner", "mode", "receiver", "old_secrets", "events", "payload"),
        *("description", "state", "disabled_reason", "failing_since", "updated_at"),
    ):
        op.drop_column("endpoint", column)
