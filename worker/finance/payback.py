"""How long until an investment has come back."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from flint import arb, ctx

from worker.finance.exact_flow import MAX_VALUE, check_rate, periodic
from worker.finance.exceptions import RateError

_BITS = 192
_ROUNDING = 2.0**-50
"""Of the sum of all amounts: what a total that is 0 in decimals may miss 0 by, because
neither amounts such as 0.3 nor rates such as 0.1 are binary fractions."""


@dataclass(frozen=True, slots=True)
class Payback:
    """When the running total first reaches 0, and what it comes to later."""

    time: float | None
    """In periods, from time 0; None if it never does."""
    is_final: bool
    """Whether the total stays at or above 0 from then on."""
    totals: tuple[float, ...]
    """After each period."""


def payback(flows: Sequence[float], rate: float = 0.0) -> Payback:
    r"""Return when :math:`\sum_{s \le t} c_s (1+r)^{-s}` first reaches 0.

    Within a period the flow is taken to come evenly, so the time is a fraction.

    Parameters
    ----------
    flows
        One amount a period, the first at time 0.
    rate
        Per period, above -1; 0 for the payback that is not discounted.

    Returns
    -------
    Payback
        Time 0 if nothing is owed at time 0.

    Raises
    ------
    FlowError, RateError
        See `periodic` and `check_rate`; also if a total leaves the range of doubles.

    Notes
    -----
    :math:`O(n)` operations in balls of 192 bits.

    References
    ----------
    .. [1] R. A. Brealey, S. C. Myers, F. Allen, *Principles of Corporate Finance*,
       chapter 5: also what the rule ignores.

    Examples
    --------
    >>> payback([-1000, 300, 350, 400]).time
    2.875
    >>> payback([-100.0, 55.0, 60.5], 0.1).time
    2.0
    """
    periodic(flows)
    check_rate(rate)
    with ctx.workprec(_BITS):
        factor, discount = 1 / (1 + arb(rate)), arb(1)
        amounts = []
        for amount in flows:
            amounts.append(arb(amount) * discount)
            discount *= factor
        totals = list(accumulate(amounts))
        slack = sum((abs(amount) for amount in amounts), arb(0)) * _ROUNDING
        after = tuple(float(total.mid()) for total in totals)
        covered = [bool(total >= -slack) for total in totals]
        period = next((t for t, is_covered in enumerate(covered) if is_covered), None)
        if not all(abs(total) <= MAX_VALUE for total in after):
            raise RateError(
                f"a running total is larger than {MAX_VALUE:g}",
                suggestion="Use a rate nearer to 0, or fewer periods.",
                path=("discount_rate",),
            )
        if period is None:
            return Payback(None, is_final=False, totals=after)
        time = 0.0
        if period:
            rest = -totals[period - 1] / amounts[period]
            time = min(float((period - 1 + rest).mid()), float(period))
        return Payback(time, is_final=all(covered[period:]), totals=after)
