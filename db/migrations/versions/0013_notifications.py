"""notifications, and jobs and webhooks that ask for them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_UNREAD = sa.text("read_at is null")


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("cause", sa.String(200), nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("type", sa.String(200), nullable=False),
        sa.Column("level", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("read_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("cause", name=op.f("uq_notification_cause")),
    )
    op.create_index(
        "ix_notification_owner_created_at_id",
        "notification",
        ["owner", "created_at", "id"],
    )
    op.create_index(
        "ix_notification_created_at_id", "notification", ["created_at", "id"]
    )
    op.create_index(
        "ix_notification_unread",
        "notification",
        ["owner"],
        sqlite_where=_UNREAD,
        postgresql_where=_UNREAD,
    )
    op.add_column("job", sa.Column("notify", sa.Text(), nullable=True))
    op.add_column(
        "endpoint",
        sa.Column(
            "of_operator", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
    )


def downgrade() -> None:
    op.drop_column("endpoint", "of_operator")
    op.drop_column("job", "notify")
    op.drop_table("notification")
