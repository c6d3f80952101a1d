"""Series for the second opinion: hypergeometric ones, and those of gamma.

Each adds a proved bound of what it leaves out to its ball.
"""

from collections.abc import Sequence

from flint import arb, ctx

from worker.precision.own_constants import own_euler_gamma, own_log_of_whole
from worker.precision.own_elementary import (
    guarded,
    own_exp,
    size_bits,
)

MAX_TERMS = 20_000
"""Where a series would need more, there is no second opinion."""
MAX_SHIFT = 2_000
_GUARD = 8
_LOOK = 8


def hypergeometric(above: Sequence[arb], below: Sequence[arb], z: arb) -> arb:
    """Return the sum of z**k/k! times rising factorials of `above` over `below`.

    Parameters
    ----------
    above, below
        At most one more above than below; ``below`` must not be 0, -1, -2, ...
    z
        Inside the circle of convergence, well inside it to be quick.

    Notes
    -----
    The ratio of terms is z times (a + k)/(b + k) for pairs of both, where k! counts as
    b = 1; each is at most 1 + |a - b|/(b + k), and falls with k. Once the bound is
    below 1/2 the rest is less than twice its first term. O(terms) products.
    """
    bottoms = [*below, arb(1)]
    term, total, k = arb(1), arb(0), 0
    while k < MAX_TERMS:
        total += term
        factor = z
        for a in above:
            factor = factor * (a + k)
        for b in bottoms:
            factor = factor / (b + k)
        term, k = term * factor, k + 1
        # Looking costs as much as a few terms.
        if (
            k % _LOOK == 0
            and size_bits(term) < size_bits(total) - ctx.prec
            and _halves(above, bottoms, z, k)
        ):
            return total + arb(0, (2 * term).abs_upper())
    raise ArithmeticError("the series takes too long")


def _halves(above: Sequence[arb], bottoms: Sequence[arb], z: arb, k: int) -> bool:
    bound = abs(z)
    for place, b in enumerate(bottoms):
        if not b + k > 0:
            return False
        if place < len(above):
            bound = bound * (1 + abs(above[place] - b) / (b + k))
        else:
            bound = bound / (b + k)
    return bool(bound <= arb(0.5))


def own_gamma(x: arb) -> arb:
    """Return gamma(x) from its integral, cut at N: a series, and a bound of the tail.

    Notes
    -----
    For 1 <= s <= 2: gamma(s) = N**s exp(-N) sum of N**k / (s (s+1) ... (s+k)), plus the
    integral from N, which is below 2 N exp(-N); DLMF 8.2.1, 8.7.1 and 5.5.1 for other
    arguments. O(p) products for p bits.
    """

    def compute() -> arb:
        shift = _shift_into_strip(x)
        found, product = _gamma_in_strip(x + shift), arb(1)
        for step in range(abs(shift)):
            product *= x + step if shift > 0 else x - 1 - step
        return found / product if shift > 0 else found * product

    return guarded(_GUARD, compute)


def own_digamma(x: arb) -> arb:
    """Return digamma(x) as gamma'(x)/gamma(x), both from the integral cut at N.

    Notes
    -----
    The derivative of a term is the term times log N - 1/s - ... - 1/(s+k); the tail
    is below (N**2 + 2N + 2) exp(-N), for log(t) t**(s-1) <= t**2. O(p) products.
    """

    def compute() -> arb:
        shift = _shift_into_strip(x)
        s = x + shift
        value, derivative = _both_in_strip(s)
        found = derivative / value
        # DLMF 5.5.2: digamma(x + 1) = digamma(x) + 1/x.
        for step in range(abs(shift)):
            found += -1 / (x + step) if shift > 0 else 1 / (x - 1 - step)
        return found

    return guarded(_GUARD, compute)


def _shift_into_strip(x: arb) -> int:
    middle = x.mid()
    if abs(middle) > MAX_SHIFT:
        raise ArithmeticError("the argument is too large for this series")
    return 1 - int(float(middle.floor()))


def _gamma_in_strip(s: arb) -> arb:
    cut, term, total, k = _cut_for(s), 1 / s, arb(0), 0
    while True:
        total += term
        k += 1
        term = term * cut / (s + k)
        if _is_last(term, k, cut):
            break
    return _scaled(total, 2 * term, s, cut)


def _both_in_strip(s: arb) -> tuple[arb, arb]:
    """Return gamma and its derivative, of one run through the terms."""
    cut, term, k = _cut_for(s), 1 / s, 0
    falling = own_log_of_whole(cut) - term
    value, derivative = arb(0), arb(0)
    while True:
        value += term
        derivative += term * falling
        k += 1
        step = 1 / (s + k)
        term, falling = term * cut * step, falling - step
        if _is_last(term, k, cut):
            break
    # The factors change by less than 1 from term to term.
    rest = term * (2 * (k + 2 + own_log_of_whole(cut)) + 2)
    return _scaled(value, 2 * term, s, cut), _scaled(derivative, rest, s, cut)


def _cut_for(s: arb) -> int:
    if not (s > arb(0.9) and s < arb(2.1)):
        raise ArithmeticError("the argument is not known well enough")
    return int(ctx.prec * 0.6932) + 24


def _is_last(term: arb, k: int, cut: int) -> bool:
    if k >= MAX_TERMS:
        raise ArithmeticError("the series takes too long")
    return k > 2 * cut and k % _LOOK == 0 and size_bits(term) < -ctx.prec - 16


def _scaled(total: arb, rest: arb, s: arb, cut: int) -> arb:
    """Return the sum with what it leaves out, as a value of the integral."""
    scale = own_exp(s * own_log_of_whole(cut) - cut)
    # For s up to 2.1 the integral from the cut is below N**3 exp(-N), log and all.
    tail = arb(cut) ** 3 * own_exp(arb(-cut))
    whole = scale * (total + arb(0, rest.abs_upper()))
    return whole + arb(0, tail.abs_upper())


def whole_sum(n: int, z: arb, sign: int) -> arb:
    """Return the sum over k of (psi(k+1) + psi(n+k+1)) (sign z)**k / (k! (n+k)!).

    Notes
    -----
    psi(k+1) = 1 + 1/2 + ... + 1/k - gamma, DLMF 5.4.14, and below k + 1 in size: the
    terms are bounded by those with k + n + 2 in its place.
    """
    gamma = own_euler_gamma()
    upper = arb(0)
    for j in range(1, n + 1):
        upper += arb(1) / j
    lower, term, total, k = arb(0), arb(1), arb(0), 0
    for j in range(1, n + 1):
        term = term / j
    begin = size_bits(term)
    while k < MAX_TERMS:
        part = term * (lower + upper - 2 * gamma)
        total = total + part if sign > 0 or k % 2 == 0 else total - part
        k += 1
        term = term * z / (k * (n + k))
        lower, upper = lower + arb(1) / k, upper + arb(1) / (n + k)
        if z / ((k + 1) * (n + k + 1)) < arb(0.25) and (
            size_bits(term) < begin - ctx.prec - 16
        ):
            rest = 4 * term * (k + n + 4)
            return total + arb(0, rest.abs_upper())
    raise ArithmeticError("the series takes too long")
