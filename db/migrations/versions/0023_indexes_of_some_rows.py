"""Keep rows out of indexes that nobody would find them by.

A job's row is written four times; each index costs a page of the log each time.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_OPEN = "state in ('queued', 'running')"
_ENDED = "finished_at is not null"
_UNARCHIVED = "finished_at is not null and not archived"

_BEFORE: dict[str, tuple[str, ...]] = {
    "ix_job_state_lease_until": ("state", "lease_until"),
    "ix_job_state_finished_at": ("state", "finished_at"),
    "ix_job_finished_at_id": ("finished_at", "id"),
    "ix_job_instance_sha256": ("instance_sha256",),
    "ix_job_fingerprint": ("fingerprint", "finished_at"),
    "ix_job_origin_id": ("origin_id",),
    "ix_job_follows": ("follows",),
    "uq_job_parent_id_position": ("parent_id", "position"),
    "ix_job_parent_id_state": ("parent_id", "state", "held", "position"),
}
_AFTER: dict[str, tuple[tuple[str, ...], str]] = {
    "ix_job_open": (("state", "lease_until"), _OPEN),
    "ix_job_state_finished_at": (("state", "finished_at"), _ENDED),
    "ix_job_finished_at_id": (("finished_at", "id"), _ENDED),
    "ix_job_unarchived": (("finished_at",), _UNARCHIVED),
    **{
        name: (_BEFORE[name], f"{_BEFORE[name][0]} is not null")
        for name in (
            "ix_job_instance_sha256",
            "ix_job_fingerprint",
            "ix_job_origin_id",
            "ix_job_follows",
            "uq_job_parent_id_position",
            "ix_job_parent_id_state",
        )
    },
}


def upgrade() -> None:
    for name in _BEFORE:
        op.drop_index(name, "job")
    for name, (columns, which) in _AFTER.items():
        _create(name, columns, which)


def downgrade() -> None:
    for name in _AFTER:
        op.drop_index(name, "job")
    for name, columns in _BEFORE.items():
        _create(name, columns)


def _create(name: str, columns: tuple[str, ...], which: str | None = None) -> None:
    rows = None if which is None else sa.text(which)
    op.create_index(
        name,
        "job",
        columns,
        unique=name.startswith("uq_"),
        sqlite_where=rows,
        postgresql_where=rows,
    )
