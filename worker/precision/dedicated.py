"""The first algorithm: each function by the ball arithmetic library's own routine.

The balls that come out hold the true value for every point of the balls that go in.
See F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval
arithmetic," *IEEE Transactions on Computers* 66 (2017) 1281-1292,
doi:10.1109/TC.2017.2690633.
"""

import math
from collections.abc import Callable

from flint import acb, arb, ctx, fmpq, fmpz

from worker.precision.domains import Value, as_ball, whole_number

_SMALL_DENOMINATOR = 10_000


def _gamma(x: Value) -> arb:
    if isinstance(x, fmpq) and x.q <= _SMALL_DENOMINATOR and abs(x.p) < 100 * x.q:
        return arb.gamma_fmpq(x)
    return as_ball(x).gamma()


def _lgamma(x: Value) -> arb:
    ball = as_ball(x)
    if ball > 0:
        return ball.lgamma()
    # DLMF 5.5.3: gamma(x) gamma(1 - x) = pi / sin(pi x).
    return arb.pi().log() - abs(ball.sin_pi()).log() - (1 - ball).lgamma()


def _digamma(x: Value) -> arb:
    return as_ball(x).digamma()


def _factorial(x: Value) -> arb:
    return _gamma(x + 1)


def _binomial(n: Value, k: Value) -> arb:
    top, below = as_ball(n), as_ball(k)
    count = whole_number(k)
    if count is not None and 0 <= count <= 100_000:
        return top.bin(count)
    return (top + 1).gamma() * (below + 1).rgamma() * (top - below + 1).rgamma()


def _beta(a: Value, b: Value) -> arb:
    return _gamma(a) * _gamma(b) * as_ball(a + b).rgamma()


def _root(x: Value, n: Value) -> arb:
    order = whole_number(n)
    assert order is not None
    ball = as_ball(x)
    if ball >= 0 or order % 2 == 0:
        return ball.root(order)
    if ball < 0:
        return -(-ball).root(order)
    # Around 0 the root is no larger than that of the largest absolute value.
    return arb(0, ball.abs_upper().root(order).abs_upper())


def power(x: Value, y: Value) -> arb:
    """Return ``x ** y``."""
    if isinstance(x, fmpq) and x == 0:
        return arb(0)
    exponent = whole_number(y)
    base = as_ball(x)
    return base ** (as_ball(y) if exponent is None else fmpz(exponent))


def _log(x: Value, base: Value | None = None) -> arb:
    if base is None:
        return as_ball(x).log()
    return as_ball(x).log() / as_ball(base).log()


def _log_of_whole(x: Value, base: int) -> arb:
    return as_ball(x).log() / arb(base).log()


def _polylog(order: Value, x: Value) -> arb:
    if isinstance(x, fmpq) and x == 1:
        return _zeta(order)
    s, point = as_ball(order), as_ball(x)
    if s > 2 + ctx.prec // 8:
        return _polylog_sum(s, point)
    return point.polylog(s)


def _polylog_sum(s: arb, x: arb) -> arb:
    """Return the first terms of x**n / n**s, abs(x) <= 1, with a bound of the rest.

    Where s is so large, 2**8 of them are enough.
    """
    count = math.ceil(2 ** (ctx.prec / (float(s.lower()) - 1))) + 1
    total = arb(0)
    for n in range(1, count + 1):
        total += x**n * arb(n) ** -s
    # The integral of n**-s from the last term on.
    rest = abs(x) ** (count + 1) * arb(count) ** (1 - s) / (s - 1)
    return total + arb(0, rest.abs_upper())


def _zeta(s: Value) -> arb:
    ball = as_ball(s)
    if ball > 4 * ctx.prec:
        # The sum of n**-s from 2 on is below three times its first term.
        return 1 + arb(0, 3 * arb(2) ** (-4 * ctx.prec))
    return ball.zeta()


def _lambertw(x: Value, branch: Value | None = None) -> arb:
    number = 0 if branch is None else whole_number(branch)
    assert number is not None
    return as_ball(x).lambertw(number)


def _ellipk(m: Value) -> arb:
    return acb(as_ball(m)).elliptic_k().real


def _ellipe(m: Value) -> arb:
    return acb(as_ball(m)).elliptic_e().real


def _li(x: Value) -> arb:
    return as_ball(x).li()


def _largest(*values: Value) -> arb:
    found, *others = (as_ball(each) for each in values)
    for other in others:
        found = found.max(other)
    return found


def _smallest(*values: Value) -> arb:
    found, *others = (as_ball(each) for each in values)
    for other in others:
        found = found.min(other)
    return found


def _plain(method: Callable[[arb], arb]) -> Callable[[Value], arb]:
    return lambda x: method(as_ball(x))


DEDICATED: dict[str, Callable[..., arb]] = {
    "exp": _plain(arb.exp),
    "expm1": _plain(arb.expm1),
    "log": _log,
    "log1p": _plain(arb.log1p),
    "log2": lambda x: _log_of_whole(x, 2),
    "log10": lambda x: _log_of_whole(x, 10),
    "sqrt": _plain(arb.sqrt),
    "cbrt": lambda x: _root(x, fmpq(3)),
    "root": _root,
    "pow": power,
    "sin": _plain(arb.sin),
    "cos": _plain(arb.cos),
    "tan": _plain(arb.tan),
    "cot": _plain(arb.cot),
    "sec": _plain(arb.sec),
    "csc": _plain(arb.csc),
    "asin": _plain(arb.asin),
    "acos": _plain(arb.acos),
    "atan": _plain(arb.atan),
    "atan2": lambda y, x: arb.atan2(as_ball(y), as_ball(x)),
    "sinc": _plain(arb.sinc),
    "sinh": _plain(arb.sinh),
    "cosh": _plain(arb.cosh),
    "tanh": _plain(arb.tanh),
    "asinh": _plain(arb.asinh),
    "acosh": _plain(arb.acosh),
    "atanh": _plain(arb.atanh),
    "gamma": _gamma,
    "lgamma": _lgamma,
    "digamma": _digamma,
    "factorial": _factorial,
    "binomial": _binomial,
    "beta": _beta,
    "erf": _plain(arb.erf),
    "erfc": _plain(arb.erfc),
    "erfi": _plain(arb.erfi),
    "zeta": _zeta,
    "hurwitz": lambda s, a: as_ball(s).zeta(as_ball(a)),
    "polylog": _polylog,
    "besselj": lambda order, x: as_ball(x).bessel_j(as_ball(order)),
    "bessely": lambda order, x: as_ball(x).bessel_y(as_ball(order)),
    "besseli": lambda order, x: as_ball(x).bessel_i(as_ball(order)),
    "besselk": lambda order, x: as_ball(x).bessel_k(as_ball(order)),
    "airyai": _plain(arb.airy_ai),
    "airybi": _plain(arb.airy_bi),
    "ellipk": _ellipk,
    "ellipe": _ellipe,
    "agm": lambda a, b: as_ball(a).agm(as_ball(b)),
    "lambertw": _lambertw,
    "li": _li,
    "ei": _plain(arb.ei),
    "si": _plain(arb.si),
    "ci": _plain(arb.ci),
    "abs": _plain(abs),
    "min": _smallest,
    "max": _largest,
    "floor": _plain(arb.floor),
    "ceil": _plain(arb.ceil),
    "sign": _plain(arb.sgn),
}

CONSTANTS: dict[str, Callable[[], arb]] = {
    "pi": arb.pi,
    "e": arb.const_e,
    "euler_gamma": arb.const_euler,
    "catalan": arb.const_catalan,
    "khinchin": arb.const_khinchin,
    "glaisher": arb.const_glaisher,
    "phi": lambda: (1 + arb(5).sqrt()) / 2,
    "ln2": arb.const_log2,
}
