"""What the checks of each hour have come to; who has left the registry file."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_hour",
        sa.Column("provider_id", sa.String(64), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("success", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("timeout", sa.BigInteger(), nullable=False),
        sa.Column("rate_limited", sa.BigInteger(), nullable=False),
        sa.Column("blocked", sa.BigInteger(), nullable=False),
        sa.Column("retried", sa.BigInteger(), nullable=False),
        sa.Column("retried_well", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("timed", sa.BigInteger(), nullable=False),
        sa.Column("sum_ms", sa.Double(), nullable=False),
        sa.Column("buckets", sa.Text(), nullable=False),
        sa.Column("errors", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["provider.id"],
            name=op.f("fk_provider_hour_provider_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("provider_id", "hour", name=op.f("pk_provider_hour")),
    )
    op.create_index("ix_provider_hour_hour", "provider_hour", ["hour"], unique=False)
    op.create_index(
        "ix_provider_collection_provider_id_at",
        "provider_collection",
        ["provider_id", "at"],
        unique=False,
    )
    op.add_column("provider", sa.Column("left_at", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("provider", "left_at")
    op.drop_index(
        "ix_provider_collection_provider_id_at", table_name="provider_collection"
    )
    op.drop_table("provider_hour")
