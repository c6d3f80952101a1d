"""Evaluates one expression at many points, and keeps what it has when it is stopped."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from db.contracts.expression import Expression
from worker.precision.evaluate import evaluate_exact
from worker.precision.evaluation import Evaluation
from worker.precision.exceptions import (
    DisagreementError,
    PrecisionError,
    StoppedError,
)
from worker.precision.inputs import ExactInput, Given, exact_input, full_text
from worker.precision.walk import OnProgress, part


@dataclass(frozen=True, slots=True)
class Row:
    """One point: what came out, or why nothing does."""

    point: ExactInput
    evaluation: Evaluation | None
    error: PrecisionError | None = None


def evenly(start: Given, stop: Given, count: int) -> Iterator[ExactInput]:
    """Yield points from start to stop, both among them, at exactly equal distances.

    Parameters
    ----------
    start, stop
        As `exact_input` takes them.
    count
        At least 2.
    """
    first, last = exact_input(start, name="start"), exact_input(stop, name="stop")
    step = (last.value - first.value) / (count - 1)
    for number in range(count):
        value = first.value + number * step
        text = full_text(value)
        yield ExactInput(value, "rational" if "/" in text else "decimal", text)


def tabulate(
    expression: Expression,
    variable: str,
    points: Sequence[ExactInput],
    others: Mapping[str, Given],
    digits: int,
    *,
    on_progress: OnProgress = None,
    check: bool = False,
) -> list[Row]:
    """Return a row for each point, or for as many as there was leave to do.

    Parameters
    ----------
    expression
        From `db.contracts.expression.parse`.
    variable
        Which of its variables has the points as its values.
    points
        Exact; see `evenly` and `exact_input`.
    others
        The values of the other variables.
    digits
        Significant digits of each value.
    on_progress
        Told the share of points that is done; returning False stops.
    check
        Whether a second algorithm has to agree at every point.

    Returns
    -------
    list of Row
        In the order of the points. A point without a value has its error.

    Raises
    ------
    InvalidValueError
        One of the other values cannot be read.
    DisagreementError
        Two algorithms enclose different numbers.

    Notes
    -----
    The time of `evaluate` for each point.
    """
    fixed = {
        name: exact_input(others[name], name=name)
        for name in sorted(expression.variables - {variable})
    }
    rows: list[Row] = []
    for number, point in enumerate(points):
        inputs: dict[str, ExactInput] = dict(fixed)
        if variable in expression.variables:
            inputs[variable] = point
        try:
            found = evaluate_exact(
                expression,
                inputs,
                digits,
                on_progress=part(
                    on_progress, number / len(points), (number + 1) / len(points)
                ),
                check=check,
            )
        except StoppedError:
            break
        except DisagreementError:
            raise
        except PrecisionError as error:
            rows.append(Row(point, None, error))
        else:
            rows.append(Row(point, found))
    return rows
