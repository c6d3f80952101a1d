"""Net present value, of periods and of dates."""

from collections.abc import Sequence
from datetime import date

from worker.finance.exact_flow import Rounded, dated, discounted, periodic


def npv(flows: Sequence[float], rate: float) -> Rounded:
    r"""Return :math:`\sum_{t=0}^{n} c_t (1+r)^{-t}`.

    Parameters
    ----------
    flows
        One amount a period; the first is at time 0 and not discounted.
    rate
        Per period, above -1, as a fraction.

    Returns
    -------
    Rounded
        In the amounts' currency: the double nearest to the value of the doubles that
        were given, with the proved distance to it.

    Raises
    ------
    FlowError, RateError
        See `periodic` and `discounted`.

    Notes
    -----
    :math:`O(n)`.

    References
    ----------
    .. [1] R. A. Brealey, S. C. Myers, F. Allen, *Principles of Corporate Finance*,
       chapter 2.

    Examples
    --------
    >>> round(npv([-500e3, 100e3, 120e3, 140e3, 160e3, 180e3], 0.1).value, 2)
    16314.71
    """
    return discounted(periodic(flows), rate)


def xnpv(dates: Sequence[date], amounts: Sequence[float], rate: float) -> Rounded:
    r"""Return :math:`\sum c_i (1+r)^{-d_i/365}`, days counted from the earliest date.

    Parameters
    ----------
    dates, amounts
        Of equal length, in any order; amounts of one day add up.
    rate
        Per year, above -1, as a fraction. Day count: actual/365 fixed.

    Returns
    -------
    Rounded
        In the amounts' currency, at the earliest date.

    Raises
    ------
    FlowError, RateError
        See `dated` and `discounted`.

    Notes
    -----
    :math:`O(D)` for a span of :math:`D` days.

    Examples
    --------
    >>> xnpv([date(2026, 1, 1), date(2027, 1, 1)], [-100.0, 110.0], 0.1).value < 1e-14
    True
    """
    return discounted(dated(dates, amounts), rate)
