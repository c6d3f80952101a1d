"""What is rational stays rational: values that are known without any rounding.

Only where a value is exact can a tie between two decimals be decided, or a 0 be told
from a very small number. Rationals that have grown large are left to balls.
"""

import math
from collections.abc import Callable

from flint import fmpq, fmpz

from worker.precision.domains import whole_number

MAX_BITS = 50_000
"""Of numerator and denominator together, of any value computed exactly."""
_MAX_WHOLE = 2_000


def exact_binary(operator: str, left: fmpq, right: fmpq) -> fmpq | None:
    """Return the value, or None where it is not rational or too large. O(M(bits))."""
    if _bits(left) + _bits(right) > MAX_BITS:
        return None
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return None if right == 0 else left / right
    return exact_power(left, right)


def exact_power(base: fmpq, exponent: fmpq) -> fmpq | None:
    """Return ``base ** exponent`` where it is rational, small enough and defined."""
    if exponent == 0:
        return fmpq(1)
    if base == 0:
        return fmpq(0) if exponent > 0 else None
    if base == 1:
        return base
    order = whole_number(fmpq(exponent.q))
    times = whole_number(fmpq(exponent.p))
    if order is None or times is None or order > 1_000_000:
        return None
    if base == -1 and order == 1:
        return fmpq(-1 if times % 2 else 1)
    if abs(times) * _bits(base) > MAX_BITS:
        return None
    if order > 1:
        rooted = None if base < 0 else exact_root(base, order)
        if rooted is None:
            return None
        base = rooted
    return base**times


def exact_root(x: fmpq, order: int) -> fmpq | None:
    """Return the real root of this order where it is rational."""
    if x < 0:
        rooted = exact_root(-x, order) if order % 2 else None
        return None if rooted is None else -rooted
    top, bottom = _whole_root(x.p, order), _whole_root(x.q, order)
    return None if top is None or bottom is None else fmpq(top, bottom)


def exact_log(x: fmpq, base: fmpq) -> fmpq | None:
    """Return the whole k with ``base ** k == x``, or None."""
    if x <= 0 or base <= 0 or base == 1:
        return None
    if x == 1:
        return fmpq(0)
    nearest = round(_log(x) / _log(base)) if _log(base) else 0
    if not 0 < abs(nearest) * _bits(base) <= 2 * MAX_BITS:
        return None
    return fmpq(nearest) if base**nearest == x else None


def exact_call(name: str, arguments: tuple[fmpq, ...]) -> fmpq | None:
    """Return the value of the function where it is known to be rational, or None."""
    rule = _RULES.get(name)
    if rule is None or sum(_bits(each) for each in arguments) > MAX_BITS:
        return None
    return rule(*arguments)


def _bits(x: fmpq) -> int:
    return int(x.p.bit_length() + x.q.bit_length())


def _whole_root(n: fmpz, order: int) -> fmpz | None:
    if n <= 1:
        return n
    if order >= n.bit_length():
        return None
    rooted = n.root(order)
    return rooted if rooted**order == n else None


def _log(x: fmpq) -> float:
    def of(n: fmpz) -> float:
        shift = max(n.bit_length() - 60, 0)
        return math.log(int(n >> shift)) + shift * math.log(2)

    return of(x.p) - of(x.q)


def _at(point: int, value: int) -> Callable[..., fmpq | None]:
    return lambda x: fmpq(value) if x == point else None


def _gamma(x: fmpq) -> fmpq | None:
    n = whole_number(x)
    if n is None or not 1 <= n <= _MAX_WHOLE:
        return None
    return fmpq(fmpz.fac_ui(fmpz(n - 1)))


def _binomial(n: fmpq, k: fmpq) -> fmpq | None:
    top, below = whole_number(n), whole_number(k)
    if top is None or below is None or not 0 <= below <= _MAX_WHOLE:
        return None
    if abs(top) > _MAX_WHOLE:
        return None
    if top < 0:
        return fmpq((-1) ** below * math.comb(below - top - 1, below))
    return fmpq(math.comb(top, below))


def _beta(a: fmpq, b: fmpq) -> fmpq | None:
    first, second = _gamma(a), _gamma(b)
    below = _gamma(a + b)
    if first is None or second is None or below is None:
        return None
    return first * second / below


def _zeta(s: fmpq) -> fmpq | None:
    n = whole_number(s)
    if n is None or not -_MAX_WHOLE <= n <= 0:
        return None
    # DLMF 25.6.3: zeta(-n) = -B(n + 1) / (n + 1), where B(1) counts as 1/2.
    return fmpq(-1, 2) if n == 0 else -fmpq.bernoulli(1 - n) / (1 - n)


def _bessel(order: fmpq, x: fmpq) -> fmpq | None:
    if x != 0:
        return None
    return fmpq(1) if order == 0 else fmpq(0) if order > 0 or order.q == 1 else None


def _agm(a: fmpq, b: fmpq) -> fmpq | None:
    if a == 0 or b == 0:
        return fmpq(0)
    return a if a == b else None


def _sign(x: fmpq) -> fmpq:
    return fmpq((x > 0) - (x < 0))


def _atan2(y: fmpq, x: fmpq) -> fmpq | None:
    return fmpq(0) if y == 0 and x > 0 else None


def _lambertw(x: fmpq, branch: fmpq | None = None) -> fmpq | None:
    return fmpq(0) if x == 0 and branch in {None, fmpq(0)} else None


_RULES: dict[str, Callable[..., fmpq | None]] = {
    "exp": _at(0, 1), "expm1": _at(0, 0), "log1p": _at(0, 0),
    "log": lambda x, base=None: _at(1, 0)(x) if base is None else exact_log(x, base),
    "log2": lambda x: exact_log(x, fmpq(2)),
    "log10": lambda x: exact_log(x, fmpq(10)),
    "sqrt": lambda x: exact_root(x, 2),
    "cbrt": lambda x: exact_root(x, 3),
    "root": lambda x, n: exact_root(x, int(n.p)) if n.q == 1 and n > 0 else None,
    "pow": exact_power,
    "sin": _at(0, 0), "cos": _at(0, 1), "tan": _at(0, 0), "sec": _at(0, 1),
    "asin": _at(0, 0), "acos": _at(1, 0), "atan": _at(0, 0), "atan2": _atan2,
    "sinc": _at(0, 1), "sinh": _at(0, 0), "cosh": _at(0, 1), "tanh": _at(0, 0),
    "asinh": _at(0, 0), "acosh": _at(1, 0), "atanh": _at(0, 0),
    "gamma": _gamma, "factorial": lambda x: _gamma(x + 1),
    "lgamma": lambda x: fmpq(0) if x in {fmpq(1), fmpq(2)} else None,
    "binomial": _binomial, "beta": _beta,
    "erf": _at(0, 0), "erfc": _at(0, 1), "erfi": _at(0, 0),
    "zeta": _zeta, "polylog": lambda s, x: fmpq(0) if x == 0 else None,
    "besselj": _bessel, "besseli": _bessel, "ellipe": _at(1, 1), "agm": _agm,
    "lambertw": _lambertw, "si": _at(0, 0),
    "abs": abs, "min": lambda *each: min(each), "max": lambda *each: max(each),
    "floor": lambda x: fmpq(x.floor()), "ceil": lambda x: fmpq(x.ceil()),
    "sign": _sign,
}  # fmt: skip
