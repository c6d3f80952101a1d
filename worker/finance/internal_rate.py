"""Internal rates of return: every one there is, and which of them is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from math import inf, isfinite

from flint import arb
from pyxirr import irr as approximate_irr
from pyxirr import xirr as approximate_xirr

from worker.finance.exact_flow import (
    ExactFlow,
    check_rate,
    dated,
    nearest_double,
    periodic,
)
from worker.finance.rate_roots import Enclosure, positive_roots, sign_changes

DEFAULT_GUESS = 0.1


@dataclass(frozen=True, slots=True)
class RateRoot:
    """A rate at which the net present value is 0."""

    rate: float
    """The nearest double; per period, or per year for dated flows."""
    error_bound: float
    """Proved: the root is no farther than this from `rate`."""
    multiplicity: int
    """Even: the value touches 0 and keeps its sign. Odd: it changes sign."""


@dataclass(frozen=True, slots=True)
class InternalRates:
    """All internal rates above -1, and the one that is told."""

    rate: float | None
    """The only root; of several the one nearest to the guess; None if there is none,
    or it is not proved which there are."""
    reason: str
    """Why it is that one, or why there is none."""
    roots: tuple[RateRoot, ...]
    """In rising order."""
    is_complete: bool
    """Whether it is proved that there are no others."""
    out_of_range: int
    """Roots whose rate no double can hold: above 1e308, or -1 to 16 digits."""
    sign_changes: int
    """Descartes: at most as many roots, with multiplicity, or an even number fewer."""
    is_norstrom: bool
    """The running total changes sign just once: one positive rate (Norstrom 1972)."""

    @property
    def is_unique(self) -> bool:
        """Whether there is one root, proved to be the only one."""
        return self.is_complete and len(self.roots) + self.out_of_range == 1


def irr(flows: Sequence[float], guess: float = DEFAULT_GUESS) -> InternalRates:
    r"""Return all rates :math:`r > -1` with :math:`\sum c_t (1+r)^{-t} = 0`.

    Parameters
    ----------
    flows
        One amount a period, the first at time 0.
    guess
        Of several roots the nearest to this rate is told; ties go to the lower.

    Returns
    -------
    InternalRates
        Each root with a proved error, at most an ulp or so.

    Raises
    ------
    FlowError, RateError
        The flows cannot be read (see `periodic`), or the guess is at most -1.

    Notes
    -----
    The amounts are taken as the exact fractions that doubles are. See
    `rate_roots.positive_roots` for the proof and its cost.

    References
    ----------
    .. [1] C. J. Norstrom, "A sufficient condition for a unique nonnegative internal
       rate of return", *Journal of Financial and Quantitative Analysis* 7 (1972)
       1835-1839, doi:10.2307/2329806.
    .. [2] G. B. Hazen, "A new perspective on multiple internal rates of return",
       *The Engineering Economist* 48 (2003) 31-51, doi:10.1080/00137910308965050.

    Examples
    --------
    >>> [root.rate for root in irr([-100, 230, -132]).roots]
    [0.1, 0.2]
    """
    check_rate(guess, "guess")
    return _rates(periodic(flows), guess, lambda: approximate_irr(flows, silent=True))


def xirr(
    dates: Sequence[date], amounts: Sequence[float], guess: float = DEFAULT_GUESS
) -> InternalRates:
    r"""Return all rates :math:`r > -1` with :math:`\sum c_i (1+r)^{-d_i/365} = 0`.

    Days are whole, so with :math:`x = (1+r)^{-1/365}` that is a polynomial in
    :math:`x`, and all that holds of `irr` holds here.

    Parameters
    ----------
    dates, amounts
        Of equal length, in any order; amounts of one day add up.
    guess
        Of several roots the nearest to this rate is told; ties go to the lower.

    Returns
    -------
    InternalRates
        Rates per year of 365 days.

    Raises
    ------
    FlowError, RateError
        The flows cannot be read (see `dated`), or the guess is at most -1.

    Notes
    -----
    :math:`O(D)` an evaluation, for a span of :math:`D` days; about 15 evaluations for
    the usual flow, with one change of sign.

    Examples
    --------
    >>> rates = xirr([date(2026, 1, 1), date(2027, 1, 1)], [-100, 110])
    >>> round(rates.rate, 15), rates.is_unique
    (0.1, True)
    """
    check_rate(guess, "guess")
    return _rates(
        dated(dates, amounts),
        guess,
        lambda: approximate_xirr(dates, amounts, silent=True),
    )


def _rates(
    flow: ExactFlow, guess: float, approximate: Callable[[], float | None]
) -> InternalRates:
    changes = sign_changes(flow.amounts)
    totals = list(accumulate(flow.amounts))
    is_norstrom = bool(totals) and totals[-1] != 0 and sign_changes(totals) == 1
    if changes == 0:
        reason = (
            "all flows are 0: every rate is a root"
            if not flow.amounts
            else "all flows have one sign: no rate makes their value 0"
        )
        return InternalRates(None, reason, (), True, 0, 0, is_norstrom)
    near = approximate() if changes == 1 else None
    factor = None if near is None or near <= -1 else (1 + near) ** (-1 / flow.units)
    found = positive_roots(flow.polynomial, factor, changes=changes)
    every = sorted(
        (_to_rate(enclosure, flow.units) for enclosure in found.enclosures),
        key=lambda root: root.rate,
    )
    roots = tuple(root for root in every if -1 < root.rate < inf)
    out_of_range = len(every) - len(roots)
    chosen = min(
        roots, key=lambda root: (abs(root.rate - guess), root.rate), default=None
    )
    return InternalRates(
        rate=chosen.rate if chosen and found.is_complete else None,
        reason=_reason(len(roots), out_of_range, found.is_complete, guess),
        roots=roots,
        is_complete=found.is_complete,
        out_of_range=out_of_range,
        sign_changes=changes,
        is_norstrom=is_norstrom,
    )


def _reason(roots: int, out_of_range: int, is_complete: bool, guess: float) -> str:
    if not is_complete:
        return "roots lie so close together that it is not proved how many there are"
    if roots == 0 and out_of_range:
        return "no rate between -1 and 1e308 makes the value 0"
    if roots == 0:
        return "no real rate makes the value 0"
    if roots == 1:
        return "it is the only rate that makes the value 0"
    return f"of {roots} rates that make the value 0 it is the nearest to {guess:g}"


def _to_rate(enclosure: Enclosure, units: int) -> RateRoot:
    def growth() -> arb:
        # The ball holds x or 1/x, and 1 + r is the latter's power.
        power = units if enclosure.is_inverse else -units
        return enclosure.ball**power - 1

    rounded = nearest_double(growth)
    value = rounded.value if isfinite(rounded.value) else inf
    return RateRoot(value, rounded.error_bound, enclosure.multiplicity)
