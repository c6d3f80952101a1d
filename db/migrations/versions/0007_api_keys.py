"""keys of callers, and the jobs of one caller in order."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_LIMITED = sa.text("max_running is not null")


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("prefix", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("caller", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("scopes", sa.String(200), nullable=False),
        sa.Column("max_queued", sa.BigInteger(), nullable=True),
        sa.Column("max_running", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=True),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.Column("last_used_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_key_prefix")),
    )
    op.create_index(
        "ix_api_key_caller_limited",
        "api_key",
        ["caller"],
        sqlite_where=_LIMITED,
        postgresql_where=_LIMITED,
    )
    op.create_index(
        "ix_job_caller_created_at_id", "job", ["caller", "created_at", "id"]
    )


def downgrade() -> None:
    op.drop_index("ix_job_caller_created_at_id", "job")
    op.drop_table("api_key")
