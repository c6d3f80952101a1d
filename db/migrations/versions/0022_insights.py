"""insights."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "insight",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("state", sa.String(200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("action", sa.String(200), nullable=False),
        sa.Column("priority", sa.String(200), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("effect", sa.Double(), nullable=False),
        sa.Column("p_adjusted", sa.Double(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("claimed_effect", sa.Double(), nullable=False),
        sa.Column("claimed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insight")),
    )
    op.create_index(
        "ix_insight_created_at_id", "insight", ["created_at", "id"], unique=False
    )
    op.create_index(
        "ix_insight_state_seen_at", "insight", ["state", "seen_at"], unique=False
    )
    op.create_table(
        "insight_verdict",
        sa.Column("insight_id", sa.String(64), nullable=False),
        sa.Column("claimed_at", sa.Double(), nullable=False),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("judged_at", sa.Double(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("later_n", sa.BigInteger(), nullable=False),
        sa.Column("later_effect", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint(
            "insight_id", "claimed_at", name=op.f("pk_insight_verdict")
        ),
    )
    op.create_index(
        "ix_insight_verdict_kind", "insight_verdict", ["kind"], unique=False
    )


def downgrade() -> None:
    op.drop_table("insight_verdict")
    op.drop_table("insight")
