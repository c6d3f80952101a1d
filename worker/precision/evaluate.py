"""Evaluates an expression to digits that are certain: more precision until they are."""

from collections.abc import Mapping
from typing import Any

from flint import arb, ctx, fmpq

from db.contracts.expression import Expression
from worker.precision import dedicated
from worker.precision.decimals import (
    Rounded,
    bound_of,
    round_ball,
    round_exact,
)
from worker.precision.evaluation import Certainty, Evaluation
from worker.precision.exceptions import UndecidedError
from worker.precision.inputs import ExactInput, Given, exact_input
from worker.precision.second_opinion import second_opinion
from worker.precision.walk import (
    Algorithms,
    NotYetError,
    OnProgress,
    enclose,
    exact_values,
    part,
)
from worker.precision.working import BITS_PER_DIGIT, working_bits

GUARD_BITS = 24
EXTRA_BITS = 16_384
"""How far beyond twice the digits the precision is raised, before it is said that
nothing was decided: the digits that cancellation may take."""

FIRST = Algorithms(
    name="ball arithmetic",
    calls=dedicated.DEDICATED,
    constants=dedicated.CONSTANTS,
    power=dedicated.power,
)


def evaluate(
    expression: Expression,
    variables: Mapping[str, Given],
    digits: int,
    *,
    on_progress: OnProgress = None,
    check: bool = True,
) -> Evaluation:
    """Return the expression's value to so many significant digits, correctly rounded.

    The expression is evaluated in ball arithmetic at a growing working precision, until
    both ends of the ball round to the same decimal (Ziv's strategy). What is rational
    is computed exactly, so that ties and zeros among rationals are decided. Where more
    precision does not decide, `Evaluation.certainty` says what is known.

    Parameters
    ----------
    expression
        From `db.contracts.expression.parse`.
    variables
        A value for each variable that occurs; a float stands for its exact value.
    digits
        Significant digits, at least 1.
    on_progress
        Told a share, from 0 to 1, between steps; returning False stops.
    check
        Whether a second, independent algorithm has to agree.

    Returns
    -------
    Evaluation
        Its bounds hold for the exact inputs.

    Raises
    ------
    InvalidValueError
        A variable's value cannot be read.
    OutsideDomainError, TooLargeError
        A part of the expression has no value here.
    UndecidedError
        The highest precision tried does not decide: a divisor that may be 0, a jump.
    StoppedError
        `on_progress` said stop.
    DisagreementError
        The two algorithms enclose different numbers; never answered.

    Notes
    -----
    Time is that of the functions at about ``3.33 * digits`` bits, a second time at a
    slightly higher precision with probability below 1e-6 unless digits cancel. One
    evaluation runs at a time in a process: the library's precision is global.

    References
    ----------
    .. [1] A. Ziv, "Fast evaluation of elementary mathematical functions with correctly
       rounded last bit," *ACM TOMS* 17 (1991) 410-423, doi:10.1145/114697.116813.
    .. [2] F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval
       arithmetic," *IEEE Trans. Computers* 66 (2017), doi:10.1109/TC.2017.2690633.

    Examples
    --------
    >>> from db.contracts.expression import parse
    >>> found = evaluate(parse("exp(x) - 1", ["x"]), {"x": "1e-20"}, 25)
    >>> found.value, str(found.certainty), found.error_bound
    ('1.000000000000000000005000e-20', 'correctly_rounded', '3.00e-61')
    >>> found.precisions, found.second.agreed_digits
    ((114, 204), 25)
    """
    inputs = {
        name: exact_input(variables[name], name=name)
        for name in sorted(expression.variables)
    }
    return evaluate_exact(
        expression, inputs, digits, on_progress=on_progress, check=check
    )


def evaluate_exact(
    expression: Expression,
    inputs: Mapping[str, ExactInput],
    digits: int,
    *,
    on_progress: OnProgress = None,
    check: bool = True,
) -> Evaluation:
    """Return what `evaluate` does, for inputs that have been read already."""
    bits = int(digits * BITS_PER_DIGIT) + GUARD_BITS
    with working_bits(bits):
        values = {name: each.value for name, each in inputs.items()}
        search = _Search(expression, values, digits, on_progress)
        found = search.run(check=check)
    return Evaluation(**found, digits=digits, inputs=inputs)


class _Search:
    """One evaluation: the precisions tried, and what is known so far."""

    def __init__(
        self,
        expression: Expression,
        values: Mapping[str, fmpq],
        digits: int,
        on_progress: OnProgress,
    ) -> None:
        self.expression = expression
        self.digits = digits
        self.target = int(digits * BITS_PER_DIGIT) + 4
        self.limit = 2 * self.target + EXTRA_BITS
        self.tried: list[int] = []
        self.on_progress = on_progress
        self.exact = exact_values(expression, values)

    def run(self, *, check: bool) -> dict[str, Any]:
        root = id(self.expression.root)
        if root in self.exact:
            return self._exactly(self.exact[root])
        bits = self.target + GUARD_BITS + len(self.expression.steps).bit_length()
        trouble: NotYetError | None = None
        ball: arb | None = None
        while True:
            ctx.prec = bits
            self.tried.append(bits)
            try:
                value = enclose(
                    self.expression, self.exact, FIRST, part(self.on_progress, 0.0, 0.8)
                )
                ball = value if isinstance(value, arb) else arb(value)
                trouble = None
            except NotYetError as error:
                ball, trouble = None, error
            if ball is not None and (rounded := self._rounded(ball)) is not None:
                certainty = Certainty.CORRECTLY_ROUNDED
                if rounded.is_exact:
                    certainty = Certainty.EXACT
                return self._answer(ball, rounded, certainty, check=check)
            if bits >= self.limit:
                return self._undecided(ball, trouble, check=check)
            bits = min(self._more(bits, ball), self.limit)

    def _rounded(self, ball: arb) -> Rounded | None:
        if ball.rel_accuracy_bits() < self.target - 2 and not ball.is_exact():
            return None
        if ball == 0:
            return Rounded("0", "0", is_exact=True)
        return round_ball(ball, self.digits)

    def _more(self, bits: int, ball: arb | None) -> int:
        if ball is None or ball.contains(0):
            return 2 * bits
        missing = int(self.target + GUARD_BITS - ball.rel_accuracy_bits())
        if missing > GUARD_BITS:
            return bits + missing + GUARD_BITS
        # The digits are known, and a tie is near: a few bits more decide most.
        return int(bits + 64 * 4 ** len(self.tried))

    def _exactly(self, value: fmpq) -> dict[str, Any]:
        rounded = round_exact(value, self.digits)
        return {
            "value": rounded.value,
            "certainty": Certainty.EXACT
            if rounded.is_exact
            else Certainty.CORRECTLY_ROUNDED,
            "error_bound": rounded.error_bound,
            "midpoint": rounded.value,
            "radius": rounded.error_bound,
            "working_bits": 0,
            "precisions": (),
            "algorithm": "exact rational arithmetic",
            "no_second": "rational arithmetic is exact and needs no second opinion",
        }

    def _answer(
        self, ball: arb, rounded: Rounded, certainty: Certainty, *, check: bool
    ) -> dict[str, Any]:
        bits = self.tried[-1]
        answer: dict[str, Any] = {
            "value": rounded.value,
            "certainty": certainty,
            "error_bound": rounded.error_bound,
            # Of what is 0 as far as is known, the bound itself is a ball.
            "midpoint": rounded.midpoint or "0",
            "radius": rounded.radius or rounded.error_bound,
            "working_bits": bits,
            "precisions": tuple(self.tried),
            "algorithm": FIRST.name,
            "no_second": "no second opinion was asked for",
        }
        if not check:
            return answer
        opinion = second_opinion(
            self.expression,
            self.exact,
            ball,
            self.digits,
            part(self.on_progress, 0.8, 1.0),
        )
        if isinstance(opinion, str):
            return answer | {"no_second": opinion}
        return answer | {"second": opinion, "no_second": "", "terms": opinion.terms}

    def _undecided(
        self, ball: arb | None, trouble: NotYetError | None, *, check: bool
    ) -> dict[str, Any]:
        """Answer what is certain at the highest precision, or say that nothing is."""
        after = f" with {self.limit:,} bits"
        if ball is None:
            assert trouble is not None
            raise UndecidedError(
                f"{trouble}{after}",
                position=trouble.position,
                suggestion="Choose another point, or rewrite that part.",
            )
        small = arb(10) ** -self.digits
        if ball.contains(0) and ball.abs_upper() < small:
            rounded = Rounded("0", bound_of(ball))
            certainty = Certainty.ZERO_WITHIN_BOUND
            return self._answer(ball, rounded, certainty, check=check)
        if ball.rel_accuracy_bits() >= self.target:
            settled = round_ball(ball, self.digits, settle=True)
            assert settled is not None
            return self._answer(ball, settled, Certainty.FAITHFUL, check=check)
        raise UndecidedError(
            f"fewer than {self.digits} digits are certain{after}",
            suggestion="Rewrite the expression so that less cancels, or give the "
            "variables fewer digits.",
        )
