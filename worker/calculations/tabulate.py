"""The values of an expression at many points, in the words of its contract."""

from collections.abc import Sequence

from db.contracts.calculations.tabulate import (
    TabulateOutcome,
    TabulateParameters,
    TabulateRow,
)
from worker.calculations.precision_words import in_words
from worker.calculations.watch import Watch
from worker.precision import ExactInput, Row, evenly, exact_input, tabulate


def calculate(parameters: TabulateParameters, watch: Watch) -> TabulateOutcome:
    """Evaluate at each point; stopped, return the rows that are done."""
    with in_words():
        rows = tabulate(
            parameters.parsed,
            parameters.variable,
            _points(parameters),
            parameters.variables,
            parameters.digits,
            on_progress=watch,
            check=parameters.check,
        )
    return TabulateOutcome(
        rows=[_row(each) for each in rows], is_complete=len(rows) == parameters.count
    )


def _points(parameters: TabulateParameters) -> Sequence[ExactInput]:
    wanted = parameters.range
    if wanted is not None:
        return list(evenly(wanted.start, wanted.stop, wanted.count))
    return [exact_input(each) for each in parameters.values or ()]


def _row(row: Row) -> TabulateRow:
    found = row.evaluation
    return TabulateRow(
        point=row.point.exact,
        value=None if found is None else found.value,
        certainty=None if found is None else found.certainty.value,
        error_bound=None if found is None else found.error_bound,
        problem=None if row.error is None else str(row.error),
    )
