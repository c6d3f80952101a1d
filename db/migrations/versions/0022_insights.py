"""findings, predictions and automations."""

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
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("action", sa.String(200), nullable=False),
        sa.Column("priority", sa.String(200), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("test", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(200), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("effect", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("p", sa.Double(), nullable=False),
        sa.Column("adjusted_p", sa.Double(), nullable=False),
        sa.Column("hypotheses", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("window_start", sa.Double(), nullable=False),
        sa.Column("window_end", sa.Double(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("superseded_by", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insight")),
    )
    op.create_table(
        "insight_prediction",
        sa.Column("insight_id", sa.String(64), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("effect", sa.Double(), nullable=False),
        sa.Column("null_effect", sa.Double(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("lapses_at", sa.Double(), nullable=False),
        sa.Column("settled_at", sa.Double(), nullable=True),
        sa.Column("observed", sa.Double(), nullable=True),
        sa.Column("hit", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint(
            "insight_id", "made_at", name=op.f("pk_insight_prediction")
        ),
    )
    op.create_table(
        "automation",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_automation")),
    )
    op.create_table(
        "automation_entry",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("automation", sa.String(200), nullable=False),
        sa.Column("insight_id", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("undone_at", sa.Double(), nullable=True),
        sa.Column("undone_by", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_entry")),
    )
    op.create_table(
        "method_route",
        sa.Column("first_order", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_order", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(200), nullable=False),
        sa.Column("insight_id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("first_order", name=op.f("pk_method_route")),
    )
    op.create_index("ix_insight_created_at_id", "insight", ["created_at", "id"])
    op.create_index(
        "ix_insight_ended_at_expires_at", "insight", ["ended_at", "expires_at"]
    )
    op.create_index(
        "ix_insight_prediction_settled_at",
        "insight_prediction",
        ["settled_at", "due_at"],
    )
    op.create_index(
        "ix_automation_entry_created_at_id", "automation_entry", ["created_at", "id"]
    )


def downgrade() -> None:
    op.drop_table("method_route")
    op.drop_table("automation_entry")
    op.drop_table("automation")
    op.drop_table("insight_prediction")
    op.drop_table("insight")
