r"""All real roots of a cash flow's polynomial in the discount factor, proved complete.

With :math:`x = (1+r)^{-1}` (or its 365th root) the rates above -1 are the positive
:math:`x`. Three facts, all decided in integer or ball arithmetic:

1. Descartes: there are at most as many positive roots, with multiplicity, as the
   coefficients change sign, and a multiple of two fewer. 0 changes: none. 1: just one.
2. Else :math:`(0, 1)` is halved until each interval has a proof: the polynomial's ball
   over it excludes 0 (no root), or its derivative's does and the signs at the ends
   tell (one root, or none). :math:`(1, \infty)` is the same for the reversed one.
3. A multiple root defeats (2) at any depth. Then the squarefree factors are taken
   apart (Yun), which gives the multiplicities, and (2) is tried on each of them.
4. Dozens of real roots in a small place defeat it too, for balls grow by cancellation.
   Then Descartes' rule is asked of every interval, on exact coefficients (Vincent,
   Collins, Akritas): dearer, and sure to end.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count, pairwise

from flint import arb, ctx, fmpq, fmpz, fmpz_poly

_BITS = 128
_MAX_DEPTH = 40
"""Of halvings with balls; deeper, a multiple root is suspected."""
_MAX_INTERVALS = 2_000
_MAX_WORDS = 500_000_000
"""Additions of 64 bits that Descartes' rule may take by intervals: about a second."""
_WANTED_BITS = 90
_MAX_BITS = 1 << 14
_NEAR = 2.0**-36
"""Relative: what a good float iteration misses a root by, with room."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A ball that holds one root: the factor itself, or (`is_inverse`) 1 over it."""

    ball: arb
    is_inverse: bool
    multiplicity: int


@dataclass(frozen=True, slots=True)
class PositiveRoots:
    """What was found, and whether that is all there is."""

    enclosures: tuple[Enclosure, ...]
    is_complete: bool


_NEXT = fmpz_poly([1, 1])


def sign_changes(coefficients: Iterable[fmpz | int]) -> int:
    """Return how often the sign changes from one nonzero number to the next."""
    signs = [value > 0 for value in coefficients if value != 0]
    return sum(a != b for a, b in pairwise(signs))


def positive_roots(
    polynomial: fmpz_poly, guess: float | None = None, *, changes: int | None = None
) -> PositiveRoots:
    r"""Isolate and refine every positive root.

    Parameters
    ----------
    polynomial
        Not zero.
    guess
        Where another library sees a root. Believed only where the signs around it
        prove it right; then the only root is found in a third of the time.
    changes
        How often the coefficients change sign, where the caller has counted.

    Returns
    -------
    PositiveRoots
        Balls of relative width below :math:`2^{-80}`. Incomplete only where the
        budget of work ran out: roots closer together than doubles can tell apart, in
        thousands of flows.

    Notes
    -----
    One sign change: about 15 evaluations of :math:`O(d)` each. Else some 5 to 10 an
    interval, and random flows need about :math:`\log d` intervals a root.

    References
    ----------
    .. [1] A. Eigenwillig, *Real Root Isolation for Exact and Approximate Polynomials
       Using Descartes' Rule of Signs*, thesis, Saarbrücken 2008.
    .. [2] R. E. Moore, R. B. Kearfott, M. J. Cloud, *Introduction to Interval
       Analysis*, SIAM 2009, chapter 8 (interval Newton).
    """
    if changes is None:
        changes = sign_changes(polynomial.coeffs())
    lowest = next(power for power in count() if polynomial[power] != 0)
    polynomial = polynomial.right_shift(lowest)
    if changes == 0:
        return PositiveRoots((), is_complete=True)
    if changes == 1:
        return PositiveRoots((_only_root(polynomial, guess),), is_complete=True)
    found, is_complete = _simple_roots(polynomial, 1, _by_balls)
    if not is_complete:
        return _roots_of_factors(polynomial)
    return PositiveRoots(tuple(found), is_complete=True)


def _roots_of_factors(polynomial: fmpz_poly) -> PositiveRoots:
    found: list[Enclosure] = []
    is_complete = True
    _, factors = polynomial.factor_squarefree()
    for factor, multiplicity in factors:
        part, is_whole = _simple_roots(factor, int(multiplicity), _by_balls)
        if not is_whole:
            part, is_whole = _simple_roots(factor, int(multiplicity), _by_signs)
        found += part
        is_complete &= is_whole
    return PositiveRoots(tuple(found), is_complete)


def _only_root(polynomial: fmpz_poly, guess: float | None) -> Enclosure:
    at_one = _sign_at(polynomial, arb(1))
    if at_one == 0:
        return Enclosure(arb(1), is_inverse=False, multiplicity=1)
    is_inverse = at_one == _sign_at(polynomial, arb(0))
    if is_inverse:
        polynomial = _reversed(polynomial)
        guess = 1 / guess if guess else None
    low, high = _around(polynomial, guess) or (arb(0), arb(1))
    ball = _refined(polynomial, low, high)
    return Enclosure(ball, is_inverse=is_inverse, multiplicity=1)


def _around(polynomial: fmpz_poly, guess: float | None) -> tuple[arb, arb] | None:
    if guess is None or not 0 < guess < 1:
        return None
    low, high = arb(guess * (1 - _NEAR)), arb(guess * (1 + _NEAR))
    is_right = _sign_at(polynomial, low) * _sign_at(polynomial, high) < 0
    return (low, high) if is_right else None


def _simple_roots(
    polynomial: fmpz_poly,
    multiplicity: int,
    isolate: Callable[[fmpz_poly], tuple[list[arb], bool]],
) -> tuple[list[Enclosure], bool]:
    found: list[Enclosure] = []
    is_complete = True
    if _sign_at(polynomial, arb(1)) == 0:
        found.append(Enclosure(arb(1), is_inverse=False, multiplicity=multiplicity))
    for is_inverse in (False, True):
        oriented = _reversed(polynomial) if is_inverse else polynomial
        balls, is_whole = isolate(oriented)
        is_complete &= is_whole
        found += [
            Enclosure(ball, is_inverse=is_inverse, multiplicity=multiplicity)
            for ball in balls
        ]
    return found, is_complete


def _by_balls(polynomial: fmpz_poly) -> tuple[list[arb], bool]:
    """Return simple roots between 0 and 1, and whether these are all."""
    found: list[arb] = []
    derivative = polynomial.derivative()
    budget = _MAX_INTERVALS
    waiting = [(0, 0)]
    """Intervals (k, level): from k to k + 1, over 2**level."""
    while waiting:
        k, level = waiting.pop()
        budget -= 1
        if level > _MAX_DEPTH or budget < 0:
            return found, False
        with ctx.workprec(_BITS + 2 * level):
            low, high = (arb(end) * arb(2) ** -level for end in (k, k + 1))
            interval = low.union(high)
            # An end that is a root itself is told apart below: by the halving that
            # made it, or as the root 1.
            if not _holds_zero(polynomial(interval)):
                continue
            if not _holds_zero(derivative(interval)):
                if _sign_at(polynomial, low) * _sign_at(polynomial, high) < 0:
                    found.append(_refined(polynomial, low, high))
                continue
            middle = arb(2 * k + 1) * arb(2) ** (-level - 1)
            if _sign_at(polynomial, middle) == 0:
                found.append(middle)
        waiting += [(2 * k, level + 1), (2 * k + 1, level + 1)]
    return found, True


def _by_signs(polynomial: fmpz_poly) -> tuple[list[arb], bool]:
    """Return roots between 0 and 1, all of them simple, and whether these are all."""
    found: list[arb] = []
    waiting = [(polynomial, 0, 0)]
    """Polynomials whose roots in (0, 1) are those in (k, k + 1), over 2**level."""
    budget = _MAX_WORDS
    while waiting:
        stretched, k, level = waiting.pop()
        # To shift by 1, and its mirror too, takes d^2 additions of so many bits.
        budget -= stretched.degree() ** 2 * (stretched.height_bits() // 64 + 1)
        if budget < 0:
            return found, False
        changes = sign_changes(_reversed(stretched)(_NEXT).coeffs())
        if changes == 0:
            continue
        with ctx.workprec(_BITS + 2 * level):
            if changes == 1:
                low, high = (arb(end) * arb(2) ** -level for end in (k, k + 1))
                found.append(_refined(polynomial, *_inside(polynomial, low, high)))
                continue
            middle = arb(2 * k + 1) * arb(2) ** (-level - 1)
        degree = stretched.degree()
        left = fmpz_poly(
            [c << (degree - power) for power, c in enumerate(stretched.coeffs())]
        )
        right = left(_NEXT)
        if right[0] == 0:
            found.append(middle)
            right = right.right_shift(1)
        waiting += [(left, 2 * k, level + 1), (right, 2 * k + 1, level + 1)]
    return found, True


def _inside(polynomial: fmpz_poly, low: arb, high: arb) -> tuple[arb, arb]:
    """Return ends of unequal signs: an end may be a root itself, beside the one."""
    at_low, at_high = _sign_at(polynomial, low), _sign_at(polynomial, high)
    first, last, part = low, high, high - low
    while at_low * at_high >= 0:
        part /= 2
        with ctx.workprec(_MAX_BITS):
            first = low if at_low else low + part
            last = high if at_high else high - part
        at_first, at_last = _sign_at(polynomial, first), _sign_at(polynomial, last)
        if at_first * at_last < 0:
            break
    return first, last


def _refined(polynomial: fmpz_poly, low: arb, high: arb) -> arb:
    """Return a small ball around the one root between points of unequal signs."""
    derivative = polynomial.derivative()
    rising = _sign_at(polynomial, high)
    bits = _BITS
    while True:
        with ctx.workprec(bits):
            interval = low.union(high)
            if interval.rel_accuracy_bits() >= _WANTED_BITS:
                return interval
            middle = ((low + high) / 2).mid()
            if middle <= low or middle >= high:
                bits *= 2
                continue
            slope = derivative(interval)
            if not _holds_zero(slope):
                newton = middle - polynomial(middle) / slope
                new_low = _greater(low, newton.lower())
                new_high = _lesser(high, newton.upper())
                if (new_high - new_low) * 4 < high - low:
                    low, high = new_low, new_high
                    continue
            sign = _sign_at(polynomial, middle)
            if sign == 0:
                return middle
            low, high = (low, middle) if sign == rising else (middle, high)


def _sign_at(polynomial: fmpz_poly, point: arb) -> int:
    """Return -1, 0 or 1 at an exact point."""
    bits = _BITS
    while bits <= 4 * _BITS:
        with ctx.workprec(bits):
            value = polynomial(point)
            if not _holds_zero(value):
                return 1 if value > 0 else -1
        bits *= 2
    mantissa, exponent = point.man_exp()
    place = fmpq(mantissa, 1) * fmpq(2) ** int(exponent)
    exact = polynomial(place)
    return (exact > 0) - (exact < 0)


def _holds_zero(ball: arb) -> bool:
    return not (ball > 0 or ball < 0)


def _greater(first: arb, second: arb) -> arb:
    return first if first > second else second


def _lesser(first: arb, second: arb) -> arb:
    return first if first < second else second


def _reversed(polynomial: fmpz_poly) -> fmpz_poly:
    return fmpz_poly(polynomial.coeffs()[::-1])
