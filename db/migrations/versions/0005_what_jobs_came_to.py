"""what a job came to, on its row, where history and statistics read it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_JOB = sa.table(
    "job",
    sa.column("kind", sa.String()),
    sa.column("request", sa.Text()),
    sa.column("result", sa.Text()),
    sa.column("matrix_order", sa.BigInteger()),
    sa.column("objective", sa.Double()),
    sa.column("quality", sa.Double()),
    sa.column("gap", sa.Double()),
    sa.column("elapsed_s", sa.Double()),
    sa.column("iterations", sa.BigInteger()),
)


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("matrix_order", sa.BigInteger(), nullable=True),
        sa.Column("objective", sa.Double(), nullable=True),
        sa.Column("quality", sa.Double(), nullable=True),
        sa.Column("gap", sa.Double(), nullable=True),
        sa.Column("elapsed_s", sa.Double(), nullable=True),
        sa.Column("iterations", sa.BigInteger(), nullable=True),
    ]


def upgrade() -> None:
    for column in _columns():
        op.add_column("job", column)
    _fill()
    op.create_index("ix_job_finished_at_id", "job", ["finished_at", "id"])


def _fill() -> None:
    job, request, result = _JOB.c, _read(_JOB.c.request), _read(_JOB.c.result)
    for kind, order in (
        ("solve", request["order"]),
        ("islands", request[("solve", "order")]),
    ):
        op.execute(
            _JOB.update()
            .where(job.kind == kind)
            .values(matrix_order=order.as_integer())
        )
    best = result["best_known"].as_float()
    objective = result["objective"].as_float()
    to_bound = result["gap_to_bound"].as_float()
    op.execute(
        _JOB.update()
        .where(job.result.is_not(None))
        .values(
            objective=objective,
            elapsed_s=result["elapsed_s"].as_float(),
            iterations=sa.cast(result["iterations"].as_float(), sa.BigInteger()),
            gap=sa.case(
                (best.is_(None), to_bound),
                else_=result["gap_to_best_known"].as_float(),
            ),
            quality=sa.case(
                (objective.is_(None), None),
                (sa.and_(best.is_(None), to_bound == 0), 1.0),
                (best.is_(None), None),
                (objective <= best, 1.0),
                (objective < 0, objective / best),
                (best < 0, 0.0),
                else_=best / objective,
            ),
        )
    )


def _read(column: sa.ColumnClause[str]) -> sa.ColumnElement[object]:
    if op.get_context().dialect.name == "sqlite":
        # There is no such type to cast to: its functions read text.
        return sa.type_coerce(column, sa.JSON())
    return sa.cast(column, sa.JSON())


def downgrade() -> None:
    op.drop_index("ix_job_finished_at_id", "job")
    for column in reversed(_columns()):
        op.drop_column("job", column.name)
