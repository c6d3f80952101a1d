"""Functions for the second opinion that are made of a few elementary ones."""

from collections.abc import Callable

from flint import arb, fmpq

from worker.precision.domains import Value, as_ball, whole_number
from worker.precision.own_constants import own_ln2, own_pi
from worker.precision.own_elementary import (
    guarded,
    own_agm,
    own_atan,
    own_exp,
    own_expm1,
    own_log,
    own_log1p,
    own_power,
    own_root,
    own_sin_cos,
    own_sqrt,
)

_GUARD = 16


def _log(x: Value, base: Value | None = None) -> arb:
    if base is None:
        return own_log(as_ball(x))
    return own_log(as_ball(x)) / own_log(as_ball(base))


def _root(x: Value, n: Value) -> arb:
    order, ball = whole_number(n), as_ball(x)
    assert order is not None
    if ball >= 0 or order % 2 == 0:
        return own_root(ball, order)
    if ball < 0:
        return -own_root(-ball, order)
    return arb(0, own_root(ball.abs_upper(), order).upper())


def _tan(x: arb) -> arb:
    sine, cosine = own_sin_cos(x)
    return sine / cosine


def _cot(x: arb) -> arb:
    sine, cosine = own_sin_cos(x)
    return cosine / sine


def _sinc(x: arb) -> arb:
    if not x.contains(0):
        return own_sin_cos(x)[0] / x
    # |sin(x)/x - 1| is at most x**2 / 6.
    return 1 - arb(0, (x * x / 6).abs_upper())


def _asin(x: arb) -> arb:
    if abs(x) < arb(0.75):
        return guarded(_GUARD, lambda: own_atan(x / own_sqrt(1 - x * x)))
    return guarded(_GUARD, lambda: own_pi() / 2 - _acos(x))


def _acos(x: arb) -> arb:
    # DLMF 4.24.2 and the half angle: tan(acos(x)/2)**2 = (1 - x)/(1 + x).
    if x < 0:
        return guarded(_GUARD, lambda: own_pi() - _acos(-x))
    return guarded(_GUARD, lambda: 2 * own_atan(own_sqrt((1 - x) / (1 + x))))


def _atan2(y: Value, x: Value) -> arb:
    up, right = as_ball(y), as_ball(x)
    if right > 0:
        return own_atan(up / right)
    if up > 0:
        return guarded(_GUARD, lambda: own_pi() / 2 - own_atan(right / up))
    if up < 0:
        return guarded(_GUARD, lambda: -own_pi() / 2 - own_atan(right / up))
    if right < 0 and isinstance(y, fmpq) and y == 0:
        return own_pi()
    raise ArithmeticError("the point may lie on the cut")


def _sinh(x: arb) -> arb:
    # (e + e/(1 + e))/2 with e = exp(|x|) - 1 loses nothing near 0.
    def compute() -> arb:
        if x.contains(0):
            half = own_expm1(x) - own_expm1(-x)
            return half / 2
        grown = own_expm1(abs(x))
        found = (grown + grown / (1 + grown)) / 2
        return found if x > 0 else -found

    return guarded(_GUARD, compute)


def _cosh(x: arb) -> arb:
    def compute() -> arb:
        grown = own_exp(x)
        return (grown + 1 / grown) / 2

    return guarded(_GUARD, compute)


def _tanh(x: arb) -> arb:
    def compute() -> arb:
        if x < 0:
            return -_tanh(-x)
        grown = own_expm1(-2 * x)
        return -grown / (2 + grown)

    return guarded(_GUARD, compute)


def _asinh(x: arb) -> arb:
    def compute() -> arb:
        if x < 0:
            return -_asinh(-x)
        square = x * x
        return own_log1p(x + square / (1 + own_sqrt(1 + square)))

    return guarded(_GUARD, compute)


def _acosh(x: arb) -> arb:
    def compute() -> arb:
        above = x - 1
        return own_log1p(above + own_sqrt(above * (x + 1)))

    return guarded(_GUARD, compute)


def _atanh(x: arb) -> arb:
    def compute() -> arb:
        return own_log1p(2 * x / (1 - x)) / 2

    return guarded(_GUARD, compute)


def _agm(a: Value, b: Value) -> arb:
    return own_agm(as_ball(a), as_ball(b))


def _ellipk(m: Value) -> arb:
    # DLMF 19.8.5: K = pi / (2 M(1, k')), with k'**2 = 1 - m.
    ball = as_ball(m)
    return guarded(_GUARD, lambda: own_pi() / (2 * own_agm(arb(1), own_sqrt(1 - ball))))


def _plain(function: Callable[[arb], arb]) -> Callable[[Value], arb]:
    return lambda x: function(as_ball(x))


OWN_ELEMENTARY: dict[str, Callable[..., arb]] = {
    "exp": _plain(own_exp),
    "expm1": _plain(own_expm1),
    "log": _log,
    "log1p": _plain(own_log1p),
    "log2": lambda x: own_log(as_ball(x)) / own_ln2(),
    "log10": lambda x: own_log(as_ball(x)) / own_log(arb(10)),
    "sqrt": _plain(own_sqrt),
    "cbrt": lambda x: _root(x, fmpq(3)),
    "root": _root,
    "pow": own_power,
    "sin": _plain(lambda x: own_sin_cos(x)[0]),
    "cos": _plain(lambda x: own_sin_cos(x)[1]),
    "tan": _plain(_tan),
    "cot": _plain(_cot),
    "sec": _plain(lambda x: 1 / own_sin_cos(x)[1]),
    "csc": _plain(lambda x: 1 / own_sin_cos(x)[0]),
    "asin": _plain(_asin),
    "acos": _plain(_acos),
    "atan": _plain(own_atan),
    "atan2": _atan2,
    "sinc": _plain(_sinc),
    "sinh": _plain(_sinh),
    "cosh": _plain(_cosh),
    "tanh": _plain(_tanh),
    "asinh": _plain(_asinh),
    "acosh": _plain(_acosh),
    "atanh": _plain(_atanh),
    "agm": _agm,
    "ellipk": _ellipk,
}
