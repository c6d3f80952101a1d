"""Budgets of providers."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_usage",
        sa.Column("provider_id", sa.String(64), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("per", sa.String(200), nullable=False),
        sa.Column("limit_value", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("resets_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["provider.id"],
            name=op.f("fk_provider_usage_provider_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "provider_id", "at", "per", name=op.f("pk_provider_usage")
        ),
    )
    op.create_index("ix_provider_usage_at", "provider_usage", ["at"], unique=False)
    op.add_column("provider", sa.Column("declared", sa.Text(), nullable=True))
    op.add_column("provider", sa.Column("usage_told_at", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("provider", "usage_told_at")
    op.drop_column("provider", "declared")
    op.drop_table("provider_usage")
