"""Special functions for the second opinion, by formulas of the DLMF.

Where a series would be too long, or does not converge, ArithmeticError says that this
way does not answer: then there is no second opinion, and it is said so.
"""

import math
from collections.abc import Callable

from flint import arb, ctx, fmpq, fmpz

from worker.precision.domains import Value, as_ball, whole_number
from worker.precision.own_bessel import OWN_BESSEL
from worker.precision.own_constants import (
    own_euler_gamma,
    own_ln2,
    own_log_of_whole,
    own_pi,
)
from worker.precision.own_elementary import (
    guarded,
    own_exp,
    own_log,
    own_sin_cos,
    own_sqrt,
    size_bits,
)
from worker.precision.own_series import (
    MAX_SHIFT,
    hypergeometric,
    own_digamma,
    own_gamma,
)

_GUARD = 12
_HALF = fmpq(1, 2)


def _ball(p: int, q: int = 1) -> arb:
    return arb(fmpq(p, q))


def _erf(x: arb) -> arb:
    # DLMF 7.6.2: all terms are positive, so nothing cancels.
    scale = 2 * x * own_exp(-x * x) / own_sqrt(own_pi())
    return scale * hypergeometric([_ball(1)], [_ball(3, 2)], x * x)


def _erfi(x: arb) -> arb:
    # DLMF 7.6.1 at an imaginary point.
    scale = 2 * x / own_sqrt(own_pi())
    return scale * hypergeometric([_ball(1, 2)], [_ball(3, 2)], x * x)


def _ei(x: arb) -> arb:
    # DLMF 6.6.1 and 6.6.2.
    series = x * hypergeometric([_ball(1), _ball(1)], [_ball(2), _ball(2)], x)
    return own_euler_gamma() + own_log(abs(x)) + series


def _si(x: arb) -> arb:
    # DLMF 6.6.5.
    return x * hypergeometric([_ball(1, 2)], [_ball(3, 2), _ball(3, 2)], -x * x / 4)


def _ci(x: arb) -> arb:
    # DLMF 6.6.6.
    square = x * x / 4
    series = hypergeometric(
        [_ball(1), _ball(1)], [_ball(2), _ball(2), _ball(3, 2)], -square
    )
    return own_euler_gamma() + own_log(x) - square * series


def _lgamma(x: arb) -> arb:
    return own_log(abs(own_gamma(x)))


def _binomial(n: Value, k: Value) -> arb:
    count, top = whole_number(k), as_ball(n)
    if count is not None and 0 <= count <= MAX_SHIFT:
        product = arb(1)
        for step in range(count):
            product = product * (top - step) / (step + 1)
        return product
    below = as_ball(k)
    return own_gamma(top + 1) / (own_gamma(below + 1) * own_gamma(top - below + 1))


def _beta(a: Value, b: Value) -> arb:
    first, second = as_ball(a), as_ball(b)
    return own_gamma(first) * own_gamma(second) / own_gamma(first + second)


def _zeta(s: Value) -> arb:
    """Return zeta(s) by Borwein's alternating sum; O(p) powers for p bits.

    See P. Borwein, "An efficient algorithm for the Riemann zeta function," *CMS Conf.
    Proc.* 27 (2000) 29-34, algorithm 2; DLMF 25.4.1 for s below 1/2.
    """
    x = as_ball(s)
    if x < arb(0.5):
        sine, _ = own_sin_cos(own_pi() * x / 2)
        scale = own_exp(x * own_ln2() + (x - 1) * own_log(own_pi()))
        return scale * sine * own_gamma(1 - x) * _zeta_right(1 - x, None)
    return _zeta_right(x, whole_number(s))


def _zeta_right(x: arb, whole: int | None) -> arb:
    if not x >= arb(0.4375):
        raise ArithmeticError("the argument is not known well enough")
    count = int(ctx.prec * 0.3933) + 4
    if count > 1_000:
        raise ArithmeticError("the sum takes too long")
    partial, weights = fmpz(0), []
    part = fmpz(1)
    # The terms n (n+i-1)! 4**i / ((n-i)! (2i)!), each from the one before.
    for i in range(count + 1):
        partial += part
        weights.append(partial)
        part = part * (4 * (count + i) * (count - i)) // ((2 * i + 1) * (2 * i + 2))
    powers = _powers(x, whole, count)
    total = arb(0)
    for k in range(count):
        signed = weights[k] - weights[count]
        total += (signed if k % 2 == 0 else -signed) * powers[k + 1]
    scale = 1 - own_exp((1 - x) * own_ln2())
    # 3 + sqrt(8) is above 5.828; for s above 1/2 the error is below 3 of its powers,
    # and for s above 7/16 below 8.
    error = 8 / (arb(5828) / 1000) ** fmpz(count)
    return (-total / weights[count] + arb(0, error.abs_upper())) / scale


def _powers(x: arb, whole: int | None, count: int) -> list[arb]:
    """Return n ** -x for n up to count: exponentials for primes, products else."""
    if whole is not None and abs(whole) < 4 * ctx.prec:
        return [arb(0)] + [1 / arb(fmpz(n) ** whole) for n in range(1, count + 1)]
    powers = [arb(0), arb(1)]
    least = list(range(count + 1))
    for n in range(2, count + 1):
        if least[n] == n:
            for multiple in range(n * n, count + 1, n):
                least[multiple] = min(least[multiple], n)
            powers.append(own_exp(-x * own_log_of_whole(n)))
        else:
            powers.append(powers[least[n]] * powers[n // least[n]])
    return powers


def _polylog(order: Value, x: Value) -> arb:
    """Return the sum of x**n / n**s, for whole s and x away from the circle."""
    s, point = whole_number(order), as_ball(x)
    if isinstance(x, fmpq) and x == 1:
        return _zeta(order)
    if s is None or abs(s) > 1_000 or not abs(point) < arb(0.9):
        raise ArithmeticError("the series takes too long")
    power, total, n = point, arb(0), 1
    while True:
        # For s < 0 the terms grow at first: a ratio below 0.95 bounds the rest.
        term = power / arb(fmpz(n) ** s) if s >= 0 else power * fmpz(n) ** -s
        ratio = abs(point) * (arb(n + 1) / n) ** fmpz(max(-s, 0))
        if size_bits(term) < size_bits(point) - ctx.prec and ratio < arb(0.95):
            return total + arb(0, (20 * term).abs_upper())
        total, power, n = total + term, power * point, n + 1
        if n > 20_000:
            raise ArithmeticError("the series takes too long")


def _lambertw(x: Value, branch: Value | None = None) -> arb:
    """Return w with w exp(w) = x by Newton's method, proved by an interval step.

    Where m - f(m)/f'(I) lies inside I there is one root in I, and it lies there too;
    see R. Moore, *Interval Analysis* (1966). O(log p) exponentials for p bits.
    """
    point = as_ball(x)
    is_lower = branch is not None and whole_number(branch) == -1

    def compute() -> arb:
        w = _start(float(point.mid()), is_lower=is_lower)
        for _ in range(ctx.prec.bit_length() + 8):
            grown = own_exp(w)
            step = ((w * grown - point.mid()) / (grown * (1 + w))).mid()
            w = (w - step).mid()
            # Newton's steps square: what is left is far below the box.
            if size_bits(step) < size_bits(w) - ctx.prec // 3:
                break
        width = ctx.prec // 2
        box = w + arb(0, arb(2) ** fmpz(size_bits(w) - width))
        grown, whole = own_exp(w), own_exp(box)
        found = w - (w * grown - point) / (whole * (1 + box))
        is_right_branch = box < -1 if is_lower else box > -1
        if not (is_right_branch and found.is_finite() and box.contains(found)):
            raise ArithmeticError("the root could not be enclosed")
        return found

    return guarded(_GUARD, compute)


def _start(x: float, *, is_lower: bool) -> arb:
    if is_lower and x == 0:
        raise ArithmeticError("no float is so near to 0")
    if is_lower:
        near = math.log(-x) if x > -0.25 else -1 - math.sqrt(max(2 + 2 * math.e * x, 0))
        return arb(near - math.log(-near) if x > -0.25 else min(near, -1.0000001))
    if x > math.e:
        near = math.log(x)
        return arb(near - math.log(near))
    if x < -0.25:
        return arb(max(math.sqrt(max(2 + 2 * math.e * x, 0)) - 1, -0.9999999))
    return arb(x / (1 + x) if x > -0.5 else x)


def _ellipe(m: Value) -> arb:
    """Return E(m) = K(m) (1 - sum of 2**(n-1) c(n)**2), c(0)**2 = m; DLMF 19.8.6."""
    ball = as_ball(m)

    def compute() -> arb:
        a, b, c = arb(1), own_sqrt(1 - ball), arb(0)
        lost, weight = ball / 2, arb(_HALF)
        for _ in range(ctx.prec.bit_length() + 200):
            c = (a - b) / 2
            a, b = (a + b) / 2, own_sqrt(a * b)
            weight *= 2
            lost += weight * c * c
            if size_bits(c) < size_bits(a) - ctx.prec // 2 - 4:
                break
        # Each next part is below an eighth of the one before.
        rest = (weight * c * c).abs_upper()
        return own_pi() / (2 * a.union(b)) * (1 - lost + arb(0, rest))

    return guarded(_GUARD, compute)


def _series(function: Callable[[arb], arb]) -> Callable[[Value], arb]:
    return lambda x: guarded(_GUARD, lambda: function(as_ball(x)))


_BY_SERIES: dict[str, Callable[..., arb]] = {
    "gamma": _series(own_gamma),
    "lgamma": _series(_lgamma),
    "digamma": _series(own_digamma),
    "factorial": _series(lambda x: own_gamma(x + 1)),
    "binomial": _binomial,
    "beta": _beta,
    "erf": _series(_erf),
    "erfc": _series(lambda x: 1 - _erf(x)),
    "erfi": _series(_erfi),
    "zeta": _zeta,
    "polylog": _polylog,
    "ellipe": _ellipe,
    "lambertw": _lambertw,
    "li": _series(lambda x: _ei(own_log(x))),
    "ei": _series(_ei),
    "si": _series(_si),
    "ci": _series(_ci),
}
OWN_SPECIAL: dict[str, Callable[..., arb]] = {**_BY_SERIES, **OWN_BESSEL}
