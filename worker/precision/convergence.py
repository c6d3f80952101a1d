"""How an answer grows with the precision: data for a plot, level by level."""

from collections.abc import Mapping
from dataclasses import dataclass

from flint import arb

from db.contracts.expression import Expression
from worker.precision.decimals import bound_of
from worker.precision.evaluate import evaluate
from worker.precision.evaluation import Evaluation
from worker.precision.exceptions import StoppedError
from worker.precision.gaussian_sine import MAX_POINT, point_of, taylor_sum
from worker.precision.inputs import Given
from worker.precision.walk import OnProgress, exact_values, part
from worker.precision.working import BITS_PER_DIGIT, working_bits

MORE_DIGITS = 10
"""Of the certified value beyond the last level."""


@dataclass(frozen=True, slots=True)
class Level:
    """What so many digits come to."""

    digits: int
    value: str
    error: str
    """At least the distance from the certified value, or ``0`` where there is none."""
    working_bits: int
    terms: int | None


@dataclass(frozen=True, slots=True)
class Convergence:
    """The levels that were done, and the value that they are measured against."""

    certified: Evaluation
    levels: tuple[Level, ...]


def convergence(
    expression: Expression,
    variables: Mapping[str, Given],
    levels: int,
    *,
    on_progress: OnProgress = None,
) -> Convergence:
    """Return value, error, bits and terms for 1, 2, ... significant digits.

    Parameters
    ----------
    expression, variables
        As `evaluate` takes them.
    levels
        The largest number of digits, at least 1.
    on_progress
        Told the share that is done; returning False stops.

    Returns
    -------
    Convergence
        The certified value has `MORE_DIGITS` digits more than the last level, and a
        second algorithm agrees. Each level is evaluated anew; its error is the
        distance of its decimal to the certified ball, rounded up. `terms` counts those
        of the Taylor series of sin(x) exp(-x**2/2), where that is the expression.

    Raises
    ------
    PrecisionError
        As `evaluate` raises; StoppedError only before the certified value is there.

    Notes
    -----
    The time of `levels` evaluations.
    """
    # The certified value takes its share, and each level one.
    share = 1 / (levels + 1)
    certified = evaluate(
        expression,
        variables,
        levels + MORE_DIGITS,
        on_progress=part(on_progress, 0.0, share),
    )
    done: list[Level] = []
    for digits in range(1, levels + 1):
        begin, end = digits * share, (digits + 1) * share
        try:
            found = evaluate(
                expression,
                variables,
                digits,
                on_progress=part(on_progress, begin, end),
                check=False,
            )
        except StoppedError:
            break
        done.append(
            Level(
                digits,
                found.value,
                _error(found, certified),
                found.working_bits,
                _terms(expression, certified, found),
            )
        )
        if on_progress is not None and not on_progress(end):
            break
    return Convergence(certified, tuple(done))


def _error(found: Evaluation, certified: Evaluation) -> str:
    bits = int(certified.digits * BITS_PER_DIGIT) + 64
    with working_bits(bits):
        # The text of a decimal becomes a ball that holds it.
        true = arb(certified.value) + arb(0, arb(certified.error_bound).abs_upper())
        return bound_of(arb(found.value) - true)


def _terms(
    expression: Expression, certified: Evaluation, found: Evaluation
) -> int | None:
    point = point_of(expression)
    if point is None:
        return None
    bits = int(found.digits * BITS_PER_DIGIT) + 4
    with working_bits(bits):
        values = {name: each.value for name, each in certified.inputs.items()}
        x = exact_values(expression, values)[id(point)]
        return taylor_sum(x, bits).terms if abs(x) <= MAX_POINT else None
