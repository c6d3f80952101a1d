"""ticks of the market feed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "market_tick",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("discount_rate", sa.Double(), nullable=True),
        sa.Column("inflation_rate", sa.Double(), nullable=True),
        sa.Column("market_growth", sa.Double(), nullable=True),
        sa.Column("tech_index", sa.Double(), nullable=True),
        sa.Column("ai_adoption_rate", sa.Double(), nullable=True),
        sa.Column("gap", sa.String(200), nullable=True),
        sa.Column("gap_detail", sa.String(200), nullable=True),
        sa.Column("missed", sa.BigInteger(), nullable=False),
        sa.Column("validator", sa.String(300), nullable=True),
        sa.Column("recorded_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_market_tick")),
    )


def downgrade() -> None:
    op.drop_table("market_tick")
