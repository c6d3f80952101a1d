r"""Cash flows as polynomials with integer coefficients, and values to the last digit.

A double is a fraction :math:`m 2^e`; times one power of two, all amounts are integers.
What is computed of them is computed exactly or in balls (Arb), so that the one rounding
is that to the double that is returned.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf, isfinite, nextafter

from flint import arb, ctx, fmpz_poly

from worker.finance.exceptions import FlowError, RateError

MAX_FLOWS = 10_001
"""Ten thousand and what is paid before them."""
MAX_VALUE = 1e70
"""Beyond it a value is refused: its fourth power, which moments take, is no double."""
MAX_SPAN_DAYS = 73_050
"""Two centuries: dated flows are polynomials of that degree."""
DAYS_A_YEAR = 365
"""Actual/365 fixed: a year is 365 days, leap years too (as spreadsheets do)."""
_PRECISION_BITS = 128
_MAX_PRECISION_BITS = 1 << 16


@dataclass(frozen=True, slots=True)
class Rounded:
    """A real number as the nearest double, and how far that may be from it."""

    value: float
    error_bound: float


@dataclass(frozen=True, slots=True)
class ExactFlow:
    r"""Amounts :math:`c_i` at whole times :math:`t_i`, as :math:`\sum c_i x^{t_i}`.

    ``polynomial`` is that sum times ``2**shift``; :math:`x` is the discount factor of
    one unit of time, of which a year (or period) has ``units``.
    """

    polynomial: fmpz_poly
    amounts: tuple[int, ...]
    """Its coefficients in order of time, without those that are 0."""
    shift: int
    units: int = 1


def periodic(flows: Sequence[float]) -> ExactFlow:
    """Return flows at times 0, 1, 2 and so on.

    Parameters
    ----------
    flows
        One amount a period, finite; at most ``MAX_FLOWS``.

    Returns
    -------
    ExactFlow
        With one unit a period.

    Raises
    ------
    FlowError
        None, too many, or one that is not finite.
    """
    _check(flows)
    numerators, shift = _integers(flows)
    return _exact_flow(numerators, shift)


def dated(dates: Sequence[date], amounts: Sequence[float]) -> ExactFlow:
    """Return flows on days; time 0 is the earliest day, amounts of one day add up.

    Parameters
    ----------
    dates, amounts
        Of equal length, in any order.

    Returns
    -------
    ExactFlow
        With 365 units a year.

    Raises
    ------
    FlowError
        Lengths differ, more than ``MAX_FLOWS``, not finite, or the dates lie more than
        ``MAX_SPAN_DAYS`` apart.
    """
    _check(amounts)
    if len(dates) != len(amounts):
        raise FlowError(
            f"{len(dates)} dates, but {len(amounts)} amounts",
            suggestion="Send one date for each amount.",
            path=("dates",),
        )
    first = min(dates)
    span = (max(dates) - first).days
    if span > MAX_SPAN_DAYS:
        raise FlowError(
            f"the dates lie {span} days apart",
            suggestion=f"Send dates within {MAX_SPAN_DAYS} days (200 years).",
            path=("dates",),
        )
    numerators, shift = _integers(amounts)
    coefficients = [0] * (span + 1)
    for day, numerator in zip(dates, numerators, strict=True):
        coefficients[(day - first).days] += numerator
    return _exact_flow(coefficients, shift, DAYS_A_YEAR)


def discounted(flow: ExactFlow, rate: float) -> Rounded:
    r"""Return :math:`\sum c_i (1+r)^{-t_i}`, correctly rounded but for rare ties.

    Parameters
    ----------
    flow
        Amounts and times.
    rate
        For a year or period, above -1; the double's exact value is used.

    Returns
    -------
    Rounded
        In the amounts' currency, at time 0.

    Raises
    ------
    RateError
        The rate is not above -1, or the value is larger than ``MAX_VALUE``.

    Notes
    -----
    :math:`O(d)` ball operations for degree :math:`d`.
    """
    check_rate(rate)

    def value() -> arb:
        factor = 1 / (1 + arb(rate))
        if flow.units != 1:
            factor = factor ** (arb(1) / flow.units)
        return flow.polynomial(factor) * arb(2) ** -flow.shift

    rounded = nearest_double(value)
    if abs(rounded.value) > MAX_VALUE:
        raise RateError(
            f"the present value is larger than {MAX_VALUE:g}",
            suggestion="Use a rate nearer to 0, or fewer periods.",
            path=("discount_rate",),
        )
    return rounded


def check_rate(rate: float, name: str = "discount_rate") -> None:
    """Refuse a rate that has no discount factor.

    Parameters
    ----------
    rate
        As a fraction: 0.1 is 10 %.
    name
        What the caller calls it.

    Raises
    ------
    RateError
        It is not finite, or at most -1.
    """
    if not (isfinite(rate) and rate > -1):
        raise RateError(
            f"a rate must be finite and greater than -1, not {rate}",
            suggestion="Send it as a fraction: 0.1 is 10 %.",
            path=(name,),
        )


def nearest_double(value: Callable[[], arb]) -> Rounded:
    """Return the double at the middle of a ball that is as small as it must be.

    Parameters
    ----------
    value
        Computes the ball at the current precision; called with ever more bits.

    Returns
    -------
    Rounded
        Its error is proved. ``inf`` where the range of doubles is left.
    """
    bits = _PRECISION_BITS
    while True:
        with ctx.workprec(bits):
            ball = value()
            if ball.rel_accuracy_bits() >= 64 or ball.is_zero():
                break
            # An exact 0 that rounding hides: nothing is gained beyond the bits
            # that all coefficients have together.
            if bits >= _MAX_PRECISION_BITS:
                break
        bits *= 2
    with ctx.workprec(bits):
        middle = float(ball.mid())
        if not isfinite(middle):
            return Rounded(middle, inf)
        bound = float((ball - arb(middle)).abs_upper())
        # To a double it was rounded to the nearest, which may be below.
        return Rounded(middle, nextafter(bound, inf) if bound else 0.0)


def _exact_flow(coefficients: list[int], shift: int, units: int = 1) -> ExactFlow:
    amounts = tuple(each for each in coefficients if each)
    return ExactFlow(fmpz_poly(coefficients), amounts, shift, units)


def _check(flows: Sequence[float]) -> None:
    if not flows:
        raise FlowError("there are no flows", suggestion="Send at least one amount.")
    if len(flows) > MAX_FLOWS:
        raise FlowError(
            f"{len(flows)} flows are too many",
            suggestion=f"Send at most {MAX_FLOWS}.",
        )
    for position, amount in enumerate(flows):
        if not isfinite(amount):
            raise FlowError(
                "an amount is not finite",
                suggestion="Send finite numbers.",
                path=(position,),
            )


def _integers(flows: Sequence[float]) -> tuple[list[int], int]:
    ratios = [float(amount).as_integer_ratio() for amount in flows]
    shift = max(denominator.bit_length() - 1 for _, denominator in ratios)
    return [n << (shift - d.bit_length() + 1) for n, d in ratios], shift
