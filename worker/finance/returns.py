"""Returns that need no root: on investment, modified, and the profitability index."""

from collections.abc import Sequence
from math import fsum, isfinite

from worker.finance.exact_flow import MAX_VALUE, check_rate, periodic
from worker.finance.exceptions import FlowError, RateError
from worker.finance.present_value import npv


def roi(investment: float, flows: Sequence[float]) -> float:
    r"""Return :math:`(\sum c_t - I) / I`, undiscounted.

    Parameters
    ----------
    investment
        :math:`I`, positive.
    flows
        What comes back.

    Returns
    -------
    float
        As a fraction: 1.0 is 100 %.

    Raises
    ------
    FlowError
        The investment is not positive or far too small beside the flows, or the
        flows cannot be read.

    Examples
    --------
    >>> roi(1e6, [300e3, 350e3, 400e3, 450e3, 500e3])
    1.0
    """
    periodic(flows)
    _check_investment(investment)
    return _share(fsum([*flows, -investment]), investment)


def profitability_index(
    investment: float, flows: Sequence[float], rate: float
) -> float:
    r"""Return :math:`\frac1I \sum_{t=1}^{n} c_t (1+r)^{-t}`: present value a unit paid.

    Above 1 exactly where the net present value is positive.

    Parameters
    ----------
    investment
        :math:`I`, positive, at time 0.
    flows
        At the ends of periods 1, 2, …
    rate
        Per period, above -1.

    Returns
    -------
    float
        A ratio without unit.

    Raises
    ------
    FlowError, RateError
        The investment is not positive, or see `npv`.

    References
    ----------
    .. [1] R. A. Brealey, S. C. Myers, F. Allen, *Principles of Corporate Finance*,
       chapter 5.

    Examples
    --------
    >>> profitability_index(100.0, [110.0], 0.0)
    1.1
    """
    _check_investment(investment)
    return _share(npv([0.0, *flows], rate).value, investment)


def mirr(
    flows: Sequence[float], finance_rate: float, reinvestment_rate: float
) -> float | None:
    r"""Return the modified internal rate of return.

    .. math:: \left( \frac{\sum_{c_t > 0} c_t (1+k)^{n-t}}
              {-\sum_{c_t < 0} c_t (1+f)^{-t}} \right)^{1/n} - 1

    Parameters
    ----------
    flows
        One amount a period, the first at time 0, the last at :math:`n`.
    finance_rate, reinvestment_rate
        :math:`f`, at which what goes out is discounted, and :math:`k`, at which what
        comes in grows; above -1.

    Returns
    -------
    float or None
        Per period. None unless some flow is positive and another negative.

    Raises
    ------
    FlowError, RateError
        See `npv`; also if what comes in leaves the range of doubles by growing.

    Notes
    -----
    :math:`O(n)`. One rate whatever the signs, and the same as `irr` only where that
    is what both rates are.

    References
    ----------
    .. [1] S. A. S. Lin, "The modified internal rate of return and investment
       criterion", *The Engineering Economist* 21 (1976) 237-247.

    Examples
    --------
    >>> round(mirr([-1000, -4000, 5000, 2000], 0.10, 0.12), 6)
    0.179086
    """
    periodic(flows)
    check_rate(finance_rate, "finance_rate")
    check_rate(reinvestment_rate, "reinvestment_rate")
    gains = [max(amount, 0.0) for amount in flows]
    losses = [min(amount, 0.0) for amount in flows]
    periods = len(flows) - 1
    if not any(gains) or not any(losses) or periods == 0:
        return None
    # Discounted, and grown only as a power of the ratio: no sum leaves the range.
    gained = npv(gains, reinvestment_rate).value
    lost = -npv(losses, finance_rate).value
    if gained <= 0 or lost <= 0:
        raise RateError(
            "a present value is too small for a double",
            suggestion="Use rates nearer to 0, or fewer periods.",
            path=("reinvestment_rate" if gained <= 0 else "finance_rate",),
        )
    growth: float = (gained / lost) ** (1 / periods) * (1 + reinvestment_rate)
    if not isfinite(growth):
        raise RateError(
            "the rate is too large for a double",
            suggestion="Use rates nearer to 0.",
            path=("reinvestment_rate",),
        )
    return growth - 1


def _check_investment(investment: float) -> None:
    if not (isfinite(investment) and investment > 0):
        raise FlowError(
            "an investment must be positive",
            suggestion="Send what is paid as a positive number.",
            path=("initial_investment",),
        )


def _share(gain: float, investment: float) -> float:
    share = gain / investment
    if abs(share) > MAX_VALUE:
        raise FlowError(
            f"the return is larger than {MAX_VALUE:g}",
            suggestion="Send an investment in the same unit as the flows.",
            path=("initial_investment",),
        )
    return share
