"""Asks a second algorithm, of other formulas than the first, for the same value."""

import math
from collections.abc import Mapping

from flint import arb, ctx, fmpq

from db.contracts.expression import Call, Constant, Expression
from worker.precision.dedicated import DEDICATED
from worker.precision.evaluation import SecondOpinion
from worker.precision.exceptions import (
    DisagreementError,
    OutsideDomainError,
    TooLargeError,
)
from worker.precision.gaussian_sine import (
    ALGORITHM,
    MAX_BITS,
    MAX_POINT,
    point_of,
    taylor_sum,
)
from worker.precision.own_constants import OWN_CONSTANTS
from worker.precision.own_derived import OWN_ELEMENTARY
from worker.precision.own_elementary import own_power
from worker.precision.own_special import OWN_SPECIAL
from worker.precision.walk import Algorithms, NotYetError, OnProgress, enclose
from worker.precision.working import BITS_PER_DIGIT

CHECKED_DIGITS = 200
"""Most digits that the second algorithm is asked for; the answer says how many."""
CHECKED_SPECIAL_DIGITS = 50
"""The same where a special function occurs, whose own series are much slower."""
_GUARD = 24
_TRIES = 3
_COMPARISONS = ("abs", "min", "max", "floor", "ceil", "sign")
"""These compare and compute nothing: there is no other way to do them."""

SECOND = Algorithms(
    name="argument reduction and series",
    calls=OWN_ELEMENTARY
    | OWN_SPECIAL
    | {name: DEDICATED[name] for name in _COMPARISONS},
    constants=OWN_CONSTANTS,
    power=own_power,
)


def second_opinion(
    expression: Expression,
    exact: Mapping[int, fmpq],
    first: arb,
    digits: int,
    on_step: OnProgress = None,
) -> SecondOpinion | str:
    """Return what the second algorithm says of the value, or why it cannot say.

    Parameters
    ----------
    expression, exact
        What is evaluated, and its rational steps.
    first
        The ball of the first algorithm.
    digits
        That were asked for; at most `CHECKED_DIGITS` of them are checked.
    on_step
        Told the share that is done.

    Returns
    -------
    SecondOpinion or str

    Raises
    ------
    DisagreementError
        The balls have no number in common.

    Notes
    -----
    The precision is raised where digits cancel, at most twice: the opinion tells to how
    many digits the two agree.
    """
    reason = _without_second(expression)
    if reason:
        return reason
    is_special = not expression.functions.isdisjoint(OWN_SPECIAL)
    wanted = min(digits, CHECKED_SPECIAL_DIGITS if is_special else CHECKED_DIGITS)
    bits = int(wanted * BITS_PER_DIGIT) + _GUARD
    series = _series_of_the_default(expression, exact, first, bits, digits)
    if series is not None:
        return series
    opinion: SecondOpinion | str = "the second algorithm could not bound the value"
    for _ in range(_TRIES):
        ctx.prec = bits
        try:
            found = enclose(expression, exact, SECOND, on_step)
        except (NotYetError, ArithmeticError, OutsideDomainError, TooLargeError):
            bits *= 2
            continue
        ball = found if isinstance(found, arb) else arb(found)
        _require_overlap(expression, ball, first)
        agreed = _agreed(ball, first)
        opinion = SecondOpinion(SECOND.name, bits, min(agreed, digits))
        if agreed >= wanted:
            break
        bits += int((wanted - agreed) * BITS_PER_DIGIT) + _GUARD
    return opinion


def _series_of_the_default(
    expression: Expression,
    exact: Mapping[int, fmpq],
    first: arb,
    bits: int,
    digits: int,
) -> SecondOpinion | None:
    """Return what one Taylor series says of sin(x) exp(-x**2/2), near enough to 0."""
    point = point_of(expression) if bits <= MAX_BITS else None
    if point is None or abs(exact[id(point)]) > MAX_POINT:
        return None
    ctx.prec = bits + _GUARD
    found = taylor_sum(exact[id(point)], bits)
    _require_overlap(expression, found.ball, first)
    agreed = min(_agreed(found.ball, first), digits)
    return SecondOpinion(ALGORITHM, bits, agreed, found.terms)


def _require_overlap(expression: Expression, ball: arb, first: arb) -> None:
    if not ball.overlaps(first):
        raise DisagreementError(
            f"{expression.source[:80]}: {first.str(20)} and {ball.str(20)}"
        )


def _without_second(expression: Expression) -> str:
    missing = sorted(
        {
            node.function if isinstance(node, Call) else node.name
            for node in expression.steps
            if (isinstance(node, Call) and node.function not in SECOND.calls)
            or (isinstance(node, Constant) and node.name not in SECOND.constants)
        }
    )
    if not missing:
        return ""
    return f"there is no second algorithm for {', '.join(missing)}"


def _agreed(ball: arb, first: arb) -> int:
    """Return to how many digits the two balls are one."""
    accuracy = ball.union(first).rel_accuracy_bits()
    return max(math.floor((accuracy - 2) / BITS_PER_DIGIT), 0)
