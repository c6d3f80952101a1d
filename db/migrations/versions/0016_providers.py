"""Providers."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("origin", sa.String(200), nullable=False),
        sa.Column("category", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("second_url", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("expectation", sa.Text(), nullable=False),
        sa.Column("collection", sa.Text(), nullable=True),
        sa.Column("tier", sa.BigInteger(), nullable=False),
        sa.Column("every_s", sa.Double(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(200), nullable=False),
        sa.Column("state_since", sa.Double(), nullable=False),
        sa.Column("level", sa.String(200), nullable=False),
        sa.Column("streak", sa.BigInteger(), nullable=False),
        sa.Column("checks", sa.BigInteger(), nullable=False),
        sa.Column("last_check_at", sa.Double(), nullable=True),
        sa.Column("last_success_at", sa.Double(), nullable=True),
        sa.Column("last_collected_at", sa.Double(), nullable=True),
        sa.Column("last_response_ms", sa.Double(), nullable=True),
        sa.Column("last_error_type", sa.String(200), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("validator", sa.Text(), nullable=True),
        sa.Column("on_second", sa.Boolean(), nullable=False),
        sa.Column("failed_in_a_row", sa.BigInteger(), nullable=False),
        sa.Column("open_until", sa.Double(), nullable=False),
        sa.Column("wait_until", sa.Double(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=True),
        sa.Column("claimed_until", sa.Double(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
    )
    op.create_index(
        "ix_provider_created_at_id", "provider", ["created_at", "id"], unique=False
    )
    op.create_index("ix_provider_next_at", "provider", ["next_at"], unique=False)
    op.create_index("ix_provider_state", "provider", ["state"], unique=False)
    op.create_index("uq_provider_name", "provider", ["name"], unique=True)
    op.create_table(
        "provider_change",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("provider_id", sa.String(64), nullable=False),
        sa.Column("check_number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("old_state", sa.String(200), nullable=False),
        sa.Column("new_state", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("response_ms", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["provider.id"],
            name=op.f("fk_provider_change_provider_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_change")),
    )
    op.create_index("ix_provider_change_at", "provider_change", ["at"], unique=False)
    op.create_index(
        "ix_provider_change_provider_id_at",
        "provider_change",
        ["provider_id", "at"],
        unique=False,
    )
    op.create_table(
        "provider_check",
        sa.Column("provider_id", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(200), nullable=False),
        sa.Column("level", sa.String(200), nullable=True),
        sa.Column("response_ms", sa.Double(), nullable=True),
        sa.Column("http_status", sa.BigInteger(), nullable=True),
        sa.Column("error_type", sa.String(200), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("retries", sa.BigInteger(), nullable=False),
        sa.Column("retry_result", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["provider.id"],
            name=op.f("fk_provider_check_provider_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "provider_id", "number", name=op.f("pk_provider_check")
        ),
    )
    op.create_index("ix_provider_check_at", "provider_check", ["at"], unique=False)
    op.create_index(
        "ix_provider_check_provider_id_at",
        "provider_check",
        ["provider_id", "at"],
        unique=False,
    )
    op.create_table(
        "provider_collection",
        sa.Column("provider_id", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("data_at", sa.Double(), nullable=True),
        sa.Column("values", sa.Text(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("quality", sa.Double(), nullable=False),
        sa.Column("staleness_s", sa.Double(), nullable=True),
        sa.Column("on_schedule", sa.Boolean(), nullable=False),
        sa.Column("skip_reason", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["provider.id"],
            name=op.f("fk_provider_collection_provider_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "provider_id", "number", name=op.f("pk_provider_collection")
        ),
    )
    op.create_index(
        "ix_provider_collection_at", "provider_collection", ["at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("provider_collection")
    op.drop_table("provider_check")
    op.drop_table("provider_change")
    op.drop_table("provider")
