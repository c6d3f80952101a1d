"""Elementary functions for the second opinion: reduced arguments, then series.

Only sums, products and quotients of balls are taken from the library; each series adds
a proved bound of what it leaves out. See R. Brent and P. Zimmermann, *Modern Computer
Arithmetic* (2010), sections 4.3 to 4.8.
"""

from collections.abc import Callable
from typing import TypeVar

from flint import arb, ctx, fmpq, fmpz

from worker.precision.domains import Value, as_ball, whole_number
from worker.precision.own_constants import own_ln2, own_pi

T = TypeVar("T")

_GUARD = 24
_MOST_EXPONENT = 36
"""Bits of an exponent of e: beyond, the power is larger than anything kept."""
_MOST_ORDER = 64
"""Of a root taken of integers, which have as many times the bits."""
_MOST_EXTRA = 8_000
"""Bits beyond four times the precision: what needs more has no second opinion."""


def guarded(extra: int, compute: Callable[[], T]) -> T:
    """Return what is computed with so many more bits."""
    bits = ctx.prec
    if extra > 4 * bits + _MOST_EXTRA:
        raise ArithmeticError("a number is too large or too near an edge")
    ctx.prec = bits + extra
    try:
        return compute()
    finally:
        ctx.prec = bits


def size_bits(x: arb) -> int:
    """Return e with abs(x) < 2**e, near to the least such; -10**9 for zero."""
    top = x.abs_upper()
    if top == 0:
        return -(10**9)
    if not top.is_finite():
        raise ArithmeticError("a value could not be bounded")
    mantissa, exponent = top.man_exp()
    return int(mantissa.bit_length() + exponent)


def power_of_two(exponent: int) -> arb:
    """Return 2**exponent, exactly."""
    return arb(2) ** fmpz(exponent)


def nearest_whole(x: arb) -> fmpz:
    """Return a whole number no further than 1 from the middle of x."""
    mantissa, exponent = x.mid().man_exp()
    if exponent >= 0:
        return mantissa << int(exponent)
    shift = int(-exponent)
    if shift > mantissa.bit_length() + 2:
        return fmpz(0)
    return (mantissa + (fmpz(1) << (shift - 1))) >> shift


def own_exp(x: arb) -> arb:
    """Return exp(x): log 2 taken off, halved k times, Taylor, squared k times.

    What lies far below the smallest number kept is a ball around 0.

    Notes
    -----
    O(sqrt(p) M(p)) for p bits, with k near sqrt(p).
    """
    if size_bits(x) > _MOST_EXPONENT:
        if not x < -power_of_two(_MOST_EXPONENT - 1):
            raise ArithmeticError("the power is larger than any number kept")
        return arb(0, power_of_two(-(2 ** (_MOST_EXPONENT - 1))))
    halvings = _halvings()
    extra = _GUARD + halvings + max(size_bits(x), 0)
    return guarded(extra, lambda: _exp(x, halvings))


def _exp(x: arb, halvings: int) -> arb:
    times = nearest_whole(x / own_ln2())
    rest = x - times * own_ln2()
    return (1 + _squared_up(rest, halvings)) * arb(2) ** times


def _squared_up(rest: arb, halvings: int) -> arb:
    """Return exp(rest) - 1."""
    y = _taylor_expm1(rest * power_of_two(-halvings))
    for _ in range(halvings):
        y = y * (2 + y)
    return y


def _taylor_expm1(t: arb) -> arb:
    """Return exp(t) - 1 for abs(t) below 1/2."""
    size = size_bits(t)
    if size > -1:
        raise ArithmeticError("the argument was not reduced")
    count, bits = 1, -size
    while bits < ctx.prec - size:
        count += 1
        bits += count.bit_length() - 1 - size
    total = arb(1)
    for k in range(count, 1, -1):
        total = 1 + total * t / k
    # The rest is below twice its first term, t**(count+1) / (count+1)!.
    return total * t + arb(0, 2 * power_of_two(-int(bits)) * power_of_two(size))


def own_expm1(x: arb) -> arb:
    """Return exp(x) - 1 without losing digits near 0."""
    if size_bits(x) > -1:
        return guarded(8, lambda: own_exp(x) - 1)
    halvings = _halvings()
    return guarded(_GUARD + halvings, lambda: _squared_up(x, halvings))


def own_sin_cos(x: arb) -> tuple[arb, arb]:
    """Return sin(x) and cos(x): quarter turns taken off, halved, Taylor, doubled.

    Notes
    -----
    O(sqrt(p) M(p)) for p bits, of which there are as many more as x has before its
    point.
    """
    halvings = _halvings()
    extra = _GUARD + 2 * halvings + max(size_bits(x), 0)
    return guarded(extra, lambda: _sin_cos(x, halvings))


def _sin_cos(x: arb, halvings: int) -> tuple[arb, arb]:
    quarters = nearest_whole(2 * x / own_pi())
    rest = x - quarters * (own_pi() / 2)
    t = rest * power_of_two(-halvings)
    sine, below_one = _taylor_sin(t), _taylor_cosm1(t)
    for _ in range(halvings):
        sine, below_one = 2 * sine * (1 + below_one), -2 * sine * sine
    cosine = 1 + below_one
    return (
        (sine, cosine),
        (cosine, -sine),
        (-sine, -cosine),
        (-cosine, sine),
    )[int(quarters % 4)]


def _taylor_sin(t: arb) -> arb:
    return _taylor_even(t, 1) * t


def _taylor_cosm1(t: arb) -> arb:
    return -_taylor_even(t, 2) * t * t / 2


def _taylor_even(t: arb, first: int) -> arb:
    """Return the sum of (-t*t)**j first!/(first+2j)! for abs(t) below 1."""
    size = min(size_bits(t), 0)
    if size_bits(t) > 0:
        raise ArithmeticError("the argument was not reduced")
    square, count, bits = t * t, 0, 0
    while bits < ctx.prec:
        count += 1
        bits += 2 * ((first + 2 * count - 1).bit_length() - 1 - size)
    total = arb(1)
    for j in range(count - 1, 0, -1):
        total = 1 - total * square / ((first + 2 * j) * (first + 2 * j - 1))
    # The terms alternate and fall: the first that is left out bounds the rest.
    return total + arb(0, power_of_two(-int(bits)))


def own_log(x: arb) -> arb:
    """Return log(x), x > 0, by the arithmetic-geometric mean; near 1 by a series.

    Notes
    -----
    O(M(p) log p) for p bits: log s = pi / (2 M(1, 4/s)) up to (64/s**2)(8 + log s),
    for s = x 2**m above 2**(p/2); see J. M. and P. B. Borwein, *Pi and the AGM* (1987),
    theorem 7.2.
    """
    if not x > 0:
        raise ArithmeticError("the logarithm of what may be 0")
    near = -size_bits(x - 1)
    if near * near > ctx.prec and near > 3:
        return own_log1p(x - 1)
    return guarded(_GUARD + max(near, 0), lambda: _log_by_agm(x))


def _log_by_agm(x: arb) -> arb:
    wanted = ctx.prec
    shift = wanted // 2 + 8 - size_bits(x)
    ctx.prec = wanted + max(abs(shift).bit_length(), wanted.bit_length()) + 8
    scaled = x * power_of_two(shift)
    mean = _agm(arb(1), 4 / scaled)
    size = size_bits(scaled.lower()) - 1
    error = power_of_two(6 - 2 * size) * (9 + size)
    found = own_pi() / (2 * mean) + arb(0, error) - shift * own_ln2()
    ctx.prec = wanted
    return found


def _agm(a: arb, b: arb) -> arb:
    """Return the mean of two positive balls: it lies between any two iterates."""
    for _ in range(2 * ctx.prec.bit_length() + 64):
        gap = abs(a - b)
        if size_bits(gap) < size_bits(a) - ctx.prec + 4:
            break
        before = size_bits(gap)
        a, b = (a + b) / 2, own_sqrt(a * b)
        if size_bits(a - b) >= before - 1 and size_bits(a - b) < -ctx.prec // 2:
            break
    return a.union(b)


def own_agm(a: arb, b: arb) -> arb:
    """Return the arithmetic-geometric mean by its definition; O(M(p) log p)."""
    if not (a > 0 and b > 0):
        raise ArithmeticError("an argument is 0")
    return guarded(_GUARD, lambda: _agm(a, b))


def own_log1p(x: arb) -> arb:
    """Return log(1 + x): near 0 as 2 atanh(x / (2 + x)), else through the mean."""
    near = -size_bits(x)
    if near * near <= ctx.prec or near <= 3:
        return guarded(8 + max(near, 0), lambda: own_log(1 + x))
    return guarded(_GUARD, lambda: 2 * _atanh_series(x / (2 + x)))


def _atanh_series(z: arb, sign: int = 1) -> arb:
    """Return atanh(z), or atan(z) with sign -1, for abs(z) below 1/2."""
    size = size_bits(z)
    if size > -1:
        raise ArithmeticError("the argument was not reduced")
    square, count = sign * z * z, ctx.prec // (-2 * size) + 1
    total = arb(0)
    for k in range(count - 1, -1, -1):
        total = total * square + arb(1) / (2 * k + 1)
    # A geometric series with a ratio below 1/4 bounds the rest.
    return (total + arb(0, 2 * power_of_two(2 * size * count))) * z


def own_atan(x: arb) -> arb:
    """Return atan(x): inverted, halved k times, then its series.

    Notes
    -----
    O(sqrt(p) M(p)) for p bits: atan x = 2 atan(x / (1 + sqrt(1 + x*x))).
    """
    if abs(x) > 1:
        half = guarded(_GUARD, lambda: own_pi() / 2)
        turned = own_atan(1 / x)
        return half - turned if x > 0 else -half - turned
    halvings = _halvings() // 2 + 2

    def compute() -> arb:
        t = x
        for _ in range(halvings):
            t = t / (1 + own_sqrt(1 + t * t))
        return _atanh_series(t, -1) * power_of_two(halvings)

    return guarded(_GUARD + halvings, compute)


def own_sqrt(x: arb) -> arb:
    """Return the square root from whole roots of both ends; O(M(p))."""
    return own_root(x, 2)


def own_root(x: arb, order: int) -> arb:
    """Return the root, x >= 0, from whole roots of both ends; O(M(p) log order)."""
    if order > _MOST_ORDER and x > 0:
        return guarded(_GUARD, lambda: own_exp(own_log(x) / order))
    low, high = x.lower(), x.upper()
    if low < 0:
        low = arb(0)
    if high == 0:
        return arb(0)
    if low == 0:
        top = _root_of_end(high, order, above=True)
        return arb(0, top.upper())
    return _root_of_end(low, order, above=False).union(
        _root_of_end(high, order, above=True)
    )


def _root_of_end(end: arb, order: int, *, above: bool) -> arb:
    mantissa, exponent = end.man_exp()
    # Enough bits for the root to have those of the precision, and a whole exponent.
    missing = max(order * (ctx.prec + 8) - int(mantissa.bit_length()), 0)
    missing += (int(exponent) - missing) % order
    wide = mantissa << missing
    root = wide.isqrt() if order == 2 else wide.root(order)
    if above and root**order != wide:
        root += 1
    return arb(root) * power_of_two((int(exponent) - missing) // order)


def own_power(x: Value, y: Value) -> arb:
    """Return x ** y as exp(y log x), with the sign of a whole power."""
    if isinstance(x, fmpq) and x == 0:
        return arb(0)
    base, exponent, times = as_ball(x), as_ball(y), whole_number(y)
    if times is None:
        return _power(base, exponent)
    if base > 0:
        return _power(base, exponent)
    if base < 0:
        found = _power(-base, exponent)
        return -found if times % 2 else found
    # The base may be 0: only products say what is certain.
    if not 0 < times <= 64:
        raise ArithmeticError("a power of what may be 0")
    product = arb(1)
    for _ in range(times):
        product *= base
    return product


def _power(base: arb, exponent: arb) -> arb:
    extra = max(size_bits(exponent), 0) + max(size_bits(base), 8).bit_length() + 8
    return guarded(extra, lambda: own_exp(exponent * own_log(base)))


def _halvings() -> int:
    return int(ctx.prec**0.5 * 0.7) + 2
