"""Prices, what was used, and numbers over time."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# What succeeded before is charged too, at the first prices that are recorded.
_CHARGE_WHAT_IS_THERE = """
insert into charge (job_id, kind, caller, ended_at, cpu_s)
select id, kind, caller, finished_at,
    case when children is null and cached_from is null
        then coalesce(elapsed_s, 0.0) else 0.0 end
from job where state = 'succeeded' and finished_at is not null
"""


def upgrade() -> None:
    op.create_table(
        "price",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("per_job", sa.String(200), nullable=False),
        sa.Column("per_cpu_s", sa.String(200), nullable=False),
        sa.Column("in_force_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_price")),
    )
    op.create_index(
        "uq_price_kind_in_force_at", "price", ["kind", "in_force_at"], unique=True
    )
    op.create_table(
        "charge",
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("caller", sa.String(200), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=False),
        sa.Column("cpu_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_charge")),
    )
    op.execute(_CHARGE_WHAT_IS_THERE)
    op.create_index("ix_charge_ended_at", "charge", ["ended_at"])
    op.create_table(
        "usage_of_day",
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("price", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("jobs", sa.BigInteger(), nullable=False),
        sa.Column("cpu_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "price", name=op.f("pk_usage_of_day")),
    )
    op.create_table(
        "usage_of_month",
        sa.Column("month", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("caller", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("price", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("jobs", sa.BigInteger(), nullable=False),
        sa.Column("cpu_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "month", "caller", "kind", "price", name=op.f("pk_usage_of_month")
        ),
    )
    op.create_table(
        "metric_point",
        sa.Column("series", sa.String(100), nullable=False),
        sa.Column("tier", sa.String(10), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("samples", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("least", sa.Double(), nullable=True),
        sa.Column("greatest", sa.Double(), nullable=True),
        sa.Column("buckets", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("series", "tier", "at", name=op.f("pk_metric_point")),
    )
    op.create_index("ix_metric_point_tier_at", "metric_point", ["tier", "at"])
    op.create_table(
        "metric_mark",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sampled_at", sa.Double(), nullable=False),
        sa.Column("minute_at", sa.Double(), nullable=False),
        sa.Column("hour_at", sa.Double(), nullable=False),
        sa.Column("totals", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_mark")),
    )


def downgrade() -> None:
    for table in (
        *("metric_mark", "metric_point", "usage_of_month", "usage_of_day"),
        *("charge", "price"),
    ):
        op.drop_table(table)
