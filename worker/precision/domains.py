"""Where each function has a real value, asked of balls: yes, no, or not yet known."""

from collections.abc import Callable

from flint import arb, fmpq

Value = fmpq | arb
"""A number that is known exactly, or one that lies in a ball."""
Answer = bool | None
"""None: the ball holds points on both sides, and more precision may tell."""


def as_ball(value: Value) -> arb:
    """Return a ball that holds the number, at the working precision."""
    return value if isinstance(value, arb) else arb(value)


def whole_number(value: Value) -> int | None:
    """Return the whole number that the value certainly is, or None."""
    if isinstance(value, fmpq):
        return int(value.p) if value.q == 1 and value.p.bit_length() < 64 else None
    if value.is_exact() and value.is_integer():
        found = value.unique_fmpz()
        return int(found) if found is not None and abs(found) < 2**63 else None
    return None


def is_whole(value: Value) -> Answer:
    """Tell whether the value is a whole number."""
    if isinstance(value, fmpq):
        return value.q == 1
    if value.is_exact():
        return bool(value.is_integer())
    return None if value.contains_integer() else False


def both(first: Answer, second: Answer) -> Answer:
    """Tell whether both are so."""
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


def either(first: Answer, second: Answer) -> Answer:
    """Tell whether one of them is so."""
    if first is True or second is True:
        return True
    return None if first is None or second is None else False


def above(value: Value, limit: Value) -> Answer:
    """Tell whether the value is larger."""
    if isinstance(value, fmpq) and isinstance(limit, fmpq):
        return bool(value > limit)
    x, y = as_ball(value), as_ball(limit)
    return True if x > y else False if x <= y else None


def at_least(value: Value, limit: Value) -> Answer:
    """Tell whether the value is as large or larger."""
    found = above(limit, value)
    return None if found is None else not found


def differs(value: Value, other: Value) -> Answer:
    """Tell whether they are different numbers."""
    if isinstance(value, fmpq) and isinstance(other, fmpq):
        return bool(value != other)
    x, y = as_ball(value), as_ball(other)
    if not x.overlaps(y):
        return True
    return False if x.is_exact() and y.is_exact() else None


ZERO, ONE, MINUS_ONE = fmpq(0), fmpq(1), fmpq(-1)


def _negate(answer: Answer) -> Answer:
    return None if answer is None else not answer


def _no_pole(x: Value) -> Answer:
    return either(above(x, ZERO), _negate(is_whole(x)))


def _logarithm(x: Value, base: Value | None = None) -> Answer:
    if base is None:
        return above(x, ZERO)
    fits = both(above(base, ZERO), differs(base, ONE))
    return both(above(x, ZERO), fits)


def _root(x: Value, n: Value) -> Answer:
    order = whole_number(n)
    if order is None or not 1 <= order <= 1_000_000:
        return None if is_whole(n) is None else False
    return True if order % 2 else at_least(x, ZERO)


def power(x: Value, y: Value) -> Answer:
    """Tell whether ``x ** y`` is real."""
    if above(x, ZERO) is True:
        return True
    if is_whole(y) is True:
        return either(at_least(y, ZERO), differs(x, ZERO))
    if at_least(x, ZERO) is True:
        return above(y, ZERO)
    negative = above(ZERO, x)
    if negative is True:
        return is_whole(y)
    # The base may be 0, or on either side of it.
    return None


def _bessel(order: Value, x: Value) -> Answer:
    there = either(above(x, ZERO), both(at_least(x, ZERO), at_least(order, ZERO)))
    return either(there, is_whole(order))


def _binomial(n: Value, k: Value) -> Answer:
    count = whole_number(k)
    if count is not None and 0 <= count <= 100_000:
        return True
    return above(n, MINUS_ONE)


def _lambert(x: Value, branch: Value = ZERO) -> Answer:
    number = whole_number(branch)
    if number not in {0, -1}:
        return None if is_whole(branch) is None else False
    edge = -(arb(-1).exp())
    inside = at_least(x, edge)
    return inside if number == 0 else both(inside, above(ZERO, x))


def _polylog(order: Value, x: Value) -> Answer:
    at_one = both(_negate(differs(x, ONE)), above(order, ONE))
    return both(at_least(x, MINUS_ONE), either(above(ONE, x), at_one))


def _within_one(x: Value) -> Answer:
    return both(at_least(x, MINUS_ONE), at_least(ONE, x))


DOMAINS: dict[str, Callable[..., Answer]] = {
    "log": _logarithm,
    "log1p": lambda x: above(x, MINUS_ONE),
    "log2": _logarithm,
    "log10": _logarithm,
    "sqrt": lambda x: at_least(x, ZERO),
    "root": _root,
    "pow": power,
    "cot": lambda x: differs(x, ZERO),
    "csc": lambda x: differs(x, ZERO),
    "asin": _within_one,
    "acos": _within_one,
    "atan2": lambda y, x: either(differs(y, ZERO), differs(x, ZERO)),
    "acosh": lambda x: at_least(x, ONE),
    "atanh": lambda x: both(above(x, MINUS_ONE), above(ONE, x)),
    "gamma": _no_pole,
    "lgamma": _no_pole,
    "digamma": _no_pole,
    "factorial": lambda x: either(at_least(x, ZERO), _negate(is_whole(x))),
    "binomial": _binomial,
    "beta": lambda a, b: both(_no_pole(a), _no_pole(b)),
    "zeta": lambda s: differs(s, ONE),
    "hurwitz": lambda s, a: both(above(s, ONE), above(a, ZERO)),
    "polylog": _polylog,
    "besselj": _bessel,
    "bessely": lambda order, x: above(x, ZERO),
    "besseli": _bessel,
    "besselk": lambda order, x: above(x, ZERO),
    "ellipk": lambda m: above(ONE, m),
    "ellipe": lambda m: at_least(ONE, m),
    "agm": lambda a, b: both(at_least(a, ZERO), at_least(b, ZERO)),
    "lambertw": _lambert,
    "li": lambda x: both(above(x, ZERO), differs(x, ONE)),
    "ei": lambda x: differs(x, ZERO),
    "ci": lambda x: above(x, ZERO),
}
"""Functions that are missing here are real everywhere, or all but poles."""


def in_domain(name: str, arguments: tuple[Value, ...]) -> Answer:
    """Tell whether the function has a real value at this point."""
    asked = DOMAINS.get(name)
    return True if asked is None else asked(*arguments)


REACH: dict[str, tuple[float, ...]] = {
    "besselj": (1_000, 1e6),
    "bessely": (1_000, 1e6),
    "besseli": (1_000, 1e6),
    "besselk": (1_000, 1e6),
    "polylog": (100, 1),
    "hurwitz": (1_000, 1e9),
    "airyai": (1e6,),
    "airybi": (1e6,),
}
"""The largest arguments of functions that take very long, or worse, beyond them."""
ORDERED = frozenset({"polylog", "hurwitz"})
"""Functions of an order: one that is almost whole takes as many bits more as it has
zeros."""
_MAX_ORDER_BITS = 64


def in_reach(name: str, arguments: tuple[Value, ...]) -> bool:
    """Tell whether the function is computed at arguments of this size."""
    for argument, most in zip(arguments, REACH.get(name, ()), strict=False):
        if not abs(as_ball(argument)) <= most:
            return False
    if name not in ORDERED:
        return True
    order = arguments[0]
    return isinstance(order, fmpq) and bool(order.q.bit_length() <= _MAX_ORDER_BITS)
