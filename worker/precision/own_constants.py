"""Constants for the second opinion: series summed here, in integers.

Nothing is taken from the ball arithmetic library but the balls themselves.
"""

from collections.abc import Callable

from flint import arb, ctx, fmpz

_GUARD = 32
_KEPT: dict[tuple[str, int], arb] = {}
_MOST_KEPT = 1_000


def own_pi() -> arb:
    """Return pi by the Chudnovsky series, split in halves.

    Notes
    -----
    O(M(p) log(p)**2) for p bits: 14.18 digits a term. The terms alternate and fall, so
    the first that is left out bounds the rest. See D. V. and G. V. Chudnovsky, "The
    computation of classical constants," *PNAS* 86 (1989) 8178-8182.
    """
    return kept("pi", _chudnovsky)


def own_ln2() -> arb:
    """Return log(2) by three series of atanh; O(M(p) log(p)**2) for p bits.

    Notes
    -----
    18 atanh(1/26) - 2 atanh(1/4801) + 8 atanh(1/8749), found by Stoermer's method; see
    R. Brent and P. Zimmermann, *Modern Computer Arithmetic* (2010), section 4.5.
    """
    return kept(
        "ln2",
        lambda: 18 * _inverse_atanh(26) - 2 * _inverse_atanh(4801)
        + 8 * _inverse_atanh(8749),
    )  # fmt: skip


def own_e() -> arb:
    """Return e as the sum of 1/n!, split in halves; O(M(p) log(p)) for p bits."""
    return kept("e", _sum_of_inverse_factorials)


def own_euler_gamma() -> arb:
    """Return Euler's constant by Sweeney's method; O(p) terms for p bits.

    Notes
    -----
    For whole N: gamma = sum of (-1)**(k+1) N**k / (k k!) - log N - E1(N), and
    0 < E1(N) < exp(-N)/N; see DLMF 6.6.2 and 6.8.1.
    """
    return kept("euler_gamma", _sweeney)


def own_catalan() -> arb:
    """Return Catalan's constant; O(p) terms for p bits.

    Notes
    -----
    Ramanujan: G = pi/8 log(2 + sqrt(3)) + 3/8 sum of 1 / ((2k+1)**2 binomial(2k, k)).
    The logarithm is 2 atanh(1/sqrt(3)), summed as 2 sqrt(3) times a series in 1/3.
    """
    return kept("catalan", _ramanujan)


def own_phi() -> arb:
    """Return the golden ratio from a whole square root; O(M(p)) for p bits."""
    bits = ctx.prec + _GUARD
    root = (fmpz(5) << (2 * bits)).isqrt()
    return (1 + _ball(root, fmpz(1) << bits)) / 2


def kept(name: str, compute: Callable[[], arb]) -> arb:
    """Return what was computed at this precision before, or compute it now."""
    bits = ctx.prec
    found = _KEPT.get((name, bits))
    if found is None:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        ctx.prec = bits + _GUARD
        try:
            found = compute()
        finally:
            ctx.prec = bits
        _KEPT[name, bits] = found
    return found


def _ball(top: fmpz, bottom: fmpz, error: int = 1) -> arb:
    """Return a ball around a quotient whose numerator may be wrong by so much."""
    return arb(top, error) / bottom


Triple = tuple[fmpz, fmpz, fmpz]


def _chudnovsky() -> arb:
    count = int(ctx.prec / 47.11) + 2
    _, q, t = _chudnovsky_part(0, count)
    # The sum is t / q; what is left out is below 2**-47.1 for each of the terms.
    total = arb(t) / q
    # The first term left out is smaller than 14 * 2**(-47.1 count) in all.
    total += arb(0, arb(13591409 + 545140134 * count) * arb(2) ** fmpz(-47 * count))
    return 426880 * own_sqrt_of(10005) / total


def _chudnovsky_part(begin: int, end: int) -> Triple:
    if end - begin == 1:
        if begin == 0:
            p = q = fmpz(1)
        else:
            p = fmpz(6 * begin - 5) * (2 * begin - 1) * (6 * begin - 1)
            q = fmpz(begin) ** 3 * 10939058860032000
        t = p * (13591409 + 545140134 * begin)
        return p, q, -t if begin % 2 else t
    middle = (begin + end) // 2
    p1, q1, t1 = _chudnovsky_part(begin, middle)
    p2, q2, t2 = _chudnovsky_part(middle, end)
    return p1 * p2, q1 * q2, t1 * q2 + p1 * t2


def _inverse_atanh(n: int) -> arb:
    """Return atanh(1/n), n above 2: the sum of 1 / ((2k+1) n**(2k+1))."""
    per_term = 2 * (n.bit_length() - 1)
    count = ctx.prec // per_term + 2
    p, q = _atanh_part(0, count, n * n)
    # The rest is below twice its first term.
    rest = arb(0, arb(2) ** fmpz(1 - per_term * count))
    return (arb(p) / q + rest) / n


def _atanh_part(begin: int, end: int, square: int) -> tuple[fmpz, fmpz]:
    """Return the sum of 1 / ((2k+1) square**(k-begin)) as a fraction."""
    p, q, _ = _atanh_split(begin, end, square)
    return p, q


def _atanh_split(begin: int, end: int, square: int) -> Triple:
    # The sum is p / q, and step is square**(end - begin).
    if end - begin == 1:
        return fmpz(1), fmpz(2 * begin + 1), fmpz(square)
    middle = (begin + end) // 2
    p1, q1, step1 = _atanh_split(begin, middle, square)
    p2, q2, step2 = _atanh_split(middle, end, square)
    return p1 * step1 * q2 + p2 * q1, q1 * q2 * step1, step1 * step2


def _sum_of_inverse_factorials() -> arb:
    count, bits = 2, 0.0
    while bits < ctx.prec + 2:
        count += 1
        bits += (count - 1).bit_length() - 1
    p, q = _factorial_split(0, count)
    # The rest is below twice 1/count!, which is at most 2**-bits.
    return 1 + arb(p) / q + arb(0, arb(2) ** fmpz(2 - int(bits)))


def _factorial_split(begin: int, end: int) -> tuple[fmpz, fmpz]:
    # Sum over k in begin..end-1 of begin! / (k + 1)!, over q = end! / begin!.
    if end - begin == 1:
        return fmpz(1), fmpz(end)
    middle = (begin + end) // 2
    p1, q1 = _factorial_split(begin, middle)
    p2, q2 = _factorial_split(middle, end)
    return p1 * q2 + p2, q1 * q2


def _sweeney() -> arb:
    wanted = ctx.prec
    n = int(wanted * 0.6932) + 2
    # The terms grow to exp(n), of which nothing is left in the sum.
    ctx.prec = wanted + int(n * 1.4427) + 16
    term, total, k = arb(1), arb(0), 0
    small = arb(2) ** fmpz(-wanted - 4)
    while True:
        k += 1
        term = term * n / k
        total = total + term / k if k % 2 else total - term / k
        if k > 2 * n and term < small:
            break
    # Beyond k > 2n each term is less than half of the one before.
    total += arb(0, term)
    # E1(n) is positive and below exp(-n)/n, itself below 2**-wanted.
    tail = arb(2) ** fmpz(-wanted)
    logarithm = _log_of_whole(n)
    ctx.prec = wanted
    return total - logarithm + arb(0, tail)


def own_log_of_whole(n: int) -> arb:
    """Return log(n), n >= 1, kept like the constants; O(p) products for p bits."""
    return kept(f"log {n}", lambda: _log_of_whole(n))


def _log_of_whole(n: int) -> arb:
    # log n = m log 2 + 2 atanh((n - 2**m) / (n + 2**m)), with 2**m near n.
    m = n.bit_length() - (n < 3 << (n.bit_length() - 2))
    power = 1 << m
    z = arb(n - power) / (n + power)
    square, term, total, k = z * z, z, arb(0), 0
    small = arb(2) ** fmpz(-ctx.prec)
    while not abs(term) < small:
        total += term / (2 * k + 1)
        term, k = term * square, k + 1
    # |z| is below 1/4: the rest is less than twice its first term.
    return m * own_ln2() + 2 * (total + arb(0, 2 * abs(term).upper()))


def _ramanujan() -> arb:
    small = arb(2) ** fmpz(-ctx.prec)
    total, term, k = arb(0), arb(1), 0
    while term > small:
        total += term / (2 * k + 1) ** 2
        k += 1
        term = term * k / (2 * (2 * k - 1))
    # binomial(2k, k) more than doubles: the rest is below twice its first term.
    total += arb(0, 2 * term.upper())
    root = own_sqrt_of(3)
    third, power, logarithm, j = arb(1) / 3, arb(1), arb(0), 0
    while power > small:
        logarithm += power / (2 * j + 1)
        power, j = power * third, j + 1
    logarithm += arb(0, 2 * power.upper())
    # log(2 + sqrt(3)) = 2 atanh(1/sqrt(3)).
    logarithm *= 2 / root
    return own_pi() / 8 * logarithm + 3 * total / 8


def own_sqrt_of(n: int) -> arb:
    """Return the square root of a whole number from an integer root. O(M(p))."""
    bits = ctx.prec + _GUARD
    root = (fmpz(n) << (2 * bits)).isqrt()
    return arb(root, 1) / (fmpz(1) << bits)


OWN_CONSTANTS: dict[str, Callable[[], arb]] = {
    "pi": own_pi,
    "e": own_e,
    "euler_gamma": own_euler_gamma,
    "catalan": own_catalan,
    "phi": own_phi,
    "ln2": own_ln2,
}
