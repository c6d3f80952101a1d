"""One number varied at a time: tornado, elasticity, breakeven."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import copysign, inf, isfinite

from scipy.optimize import brentq

Measure = Callable[[float], float | None]
"""The result at a value of the driver; None where there is none."""

_STEPS = 64


@dataclass(frozen=True, slots=True)
class Swing:
    """What a driver does to the result."""

    at_low: float | None
    at_high: float | None
    swing: float | None
    elasticity: float | None
    breakeven: float | None


def swing(
    measure: Measure,
    *,
    base: float,
    low: float,
    high: float,
    bounds: tuple[float, float],
    target: float,
) -> Swing:
    r"""Vary one driver from `low` to `high`, and look where it meets the target.

    Parameters
    ----------
    measure
        The result at any value within the bounds.
    base, low, high
        The driver as it is and its ends.
    bounds
        Between which it may lie when the breakeven is looked for.
    target
        The result that breaks even.

    Returns
    -------
    Swing
        With arc elasticity
        :math:`\frac{V(h)-V(l)}{V(b)} \big/ \frac{h-l}{b}` (in :math:`|b|`,
        :math:`|V(b)|`).

    Notes
    -----
    Up to about 130 evaluations to bracket a breakeven, and some 10 to find it by
    Brent's method.
    """
    at_base, at_low, at_high = measure(base), measure(low), measure(high)
    width = elasticity = None
    if at_low is not None and at_high is not None:
        width = abs(at_high - at_low)
        if at_base and base:
            relative = (at_high - at_low) / abs(at_base)
            moved = (high - low) / abs(base)
            ratio = relative / moved if moved else inf
            elasticity = ratio if isfinite(ratio) else None
    return Swing(
        at_low, at_high, width, elasticity, breakeven(measure, base, bounds, target)
    )


def breakeven(
    measure: Measure, base: float, bounds: tuple[float, float], target: float
) -> float | None:
    """Return the value nearest to the base at which the measure is the target.

    Parameters
    ----------
    measure
        Continuous in between its gaps.
    base
        Where the search begins: outwards by ever longer steps, to both sides.
    bounds
        Where it ends.
    target
        What is looked for.

    Returns
    -------
    float or None
        None if no change of sign was met. Two crossings within one step can be missed;
        the one told is a crossing.

    References
    ----------
    .. [1] R. P. Brent, *Algorithms for Minimization without Derivatives*, 1973,
       chapter 4.

    Examples
    --------
    >>> breakeven(lambda x: 3 * x - 6, 1.0, (-10.0, 10.0), 0.0)
    2.0
    """
    at_base = measure(base)
    if at_base is None:
        return None
    if at_base == target:
        return base
    crossings = [
        found
        for side in (-1.0, 1.0)
        if (found := _crossing(measure, base, bounds, target, side)) is not None
    ]
    return min(crossings, key=lambda value: abs(value - base), default=None)


def _crossing(
    measure: Measure,
    base: float,
    bounds: tuple[float, float],
    target: float,
    side: float,
) -> float | None:
    near, at_near = base, measure(base)
    for far in _outwards(base, bounds, side):
        at_far = measure(far)
        if at_far is None:
            return None
        if at_far == target:
            return far
        if at_near is not None and (at_far > target) != (at_near > target):
            return _between(measure, near, far, target)
        near, at_near = far, at_far
    return None


def _between(measure: Measure, near: float, far: float, target: float) -> float:
    def miss(value: float) -> float:
        at = measure(value)
        # A gap inside: its edge counts as where the far end's sign begins.
        return at - target if at is not None else copysign(1.0, at_far)

    at_far = (measure(far) or 0.0) - target
    return float(
        brentq(miss, near, far, xtol=1e-300, rtol=1e-15, maxiter=500, disp=False)
    )


def _outwards(base: float, bounds: tuple[float, float], side: float) -> Iterator[float]:
    step = max(abs(base), 1e-3) / 64
    for _ in range(_STEPS):
        value = base + side * step
        if not bounds[0] < value < bounds[1]:
            yield bounds[0] if side < 0 else bounds[1]
            return
        yield value
        step *= 1.6
