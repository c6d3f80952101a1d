"""calculations bound to the market feed."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = "live_calculation"
INDEXES = {
    "ix_live_calculation_caller_created_at_id": ["caller", "created_at", "id"],
    "ix_live_calculation_expires_at": ["expires_at"],
    "ix_live_calculation_job": ["job"],
    "ix_live_calculation_told": ["told"],
}


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("caller", sa.String(200), nullable=False),
        sa.Column("calculation", sa.String(200), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("bindings", sa.Text(), nullable=False),
        sa.Column("value_at", sa.String(300), nullable=True),
        sa.Column("min_change", sa.Double(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("tick", sa.BigInteger(), nullable=True),
        sa.Column("numbers", sa.Text(), nullable=True),
        sa.Column("job", sa.String(64), nullable=True),
        sa.Column("job_tick", sa.BigInteger(), nullable=True),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("value_before", sa.Double(), nullable=True),
        sa.Column("outcome_tick", sa.BigInteger(), nullable=True),
        sa.Column("outcome_job", sa.String(64), nullable=True),
        sa.Column("outcome_at", sa.Double(), nullable=True),
        sa.Column("elapsed_s", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("revaluations", sa.BigInteger(), nullable=False),
        sa.Column("skips", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_calculation")),
    )
    for name, columns in INDEXES.items():
        op.create_index(name, TABLE, columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, TABLE)
    op.drop_table(TABLE)
