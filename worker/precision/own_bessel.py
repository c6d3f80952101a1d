"""Bessel and Airy functions for the second opinion: their power series around 0."""

from collections.abc import Callable

from flint import arb, fmpq, fmpz

from worker.precision.domains import Value, as_ball, whole_number
from worker.precision.own_constants import kept, own_pi
from worker.precision.own_elementary import (
    guarded,
    own_exp,
    own_log,
    own_root,
    own_sin_cos,
    own_sqrt,
)
from worker.precision.own_series import hypergeometric, own_gamma, whole_sum

_GUARD = 12
_MAX_ORDER = 500


def _first_kind(order: Value, x: arb, sign: int) -> arb:
    """Return J (sign -1) or I (sign 1): DLMF 10.2.2, 10.25.2."""
    whole = whole_number(order)
    if whole is not None and whole < 0:
        mirrored = _first_kind(fmpq(-whole), x, sign)
        return -mirrored if sign < 0 and whole % 2 else mirrored
    nu, half = as_ball(order), x / 2
    series = hypergeometric([], [nu + 1], sign * half * half)
    if whole is not None and whole <= _MAX_ORDER:
        return half ** fmpz(whole) * series / fmpz.fac_ui(fmpz(whole))
    return own_exp(nu * own_log(half)) * series / own_gamma(nu + 1)


def _second_kind(order: Value, x: arb, sign: int) -> arb:
    """Return Y (sign -1) or K (sign 1): DLMF 10.2.3, 10.27.4; 10.8.1, 10.31.1."""
    whole = whole_number(order)
    if whole is not None:
        return _of_whole_order(whole, x, sign)
    nu = as_ball(order)
    if nu.contains_integer():
        raise ArithmeticError("the order may be whole")
    sine, cosine = own_sin_cos(nu * own_pi())
    there = _first_kind(order, x, sign)
    back = _first_kind(-order, x, sign)
    if sign < 0:
        return (there * cosine - back) / sine
    return own_pi() * (back - there) / (2 * sine)


def _of_whole_order(whole: int, x: arb, sign: int) -> arb:
    n = abs(whole)
    if n > _MAX_ORDER:
        raise ArithmeticError("the order is too large")
    half = x / 2
    square = half * half
    finite, term = arb(0), arb(1)
    for j in range(1, n):
        term *= j
    for k in range(n):
        # (n-k-1)!/k! (-sign)**k square**k, from the one before.
        finite += term
        if k + 1 < n:
            term = term * (-sign) * square / ((n - k - 1) * (k + 1))
    power = half ** fmpz(n)
    grown = power * whole_sum(n, square, sign)
    first = _first_kind(fmpq(n), x, sign) * own_log(half)
    falling = finite / power
    if sign < 0:
        found = (-falling + 2 * first - grown) / own_pi()
        return -found if whole < 0 and n % 2 else found
    turned = -1 if n % 2 else 1
    return falling / 2 + turned * (grown / 2 - first)


def _airy(x: arb, sign: int) -> arb:
    """Return Ai (sign -1) or Bi (sign 1): DLMF 9.4.1, 9.4.3, 9.2.3 to 9.2.6."""
    cube = x * x * x / 9
    third = arb(fmpq(1, 3))
    root = own_root(arb(3), 3)
    first = hypergeometric([], [2 * third], cube) / (root * root * _gamma_of_thirds(2))
    second = x * hypergeometric([], [4 * third], cube) / (root * _gamma_of_thirds(1))
    if sign < 0:
        return first - second
    return own_sqrt(arb(3)) * (first + second)


def _gamma_of_thirds(count: int) -> arb:
    return kept(f"gamma {count}/3", lambda: own_gamma(arb(fmpq(count, 3))))


def _kind(
    function: Callable[[Value, arb, int], arb], sign: int
) -> Callable[[Value, Value], arb]:
    return lambda order, x: guarded(_GUARD, lambda: function(order, as_ball(x), sign))


OWN_BESSEL: dict[str, Callable[..., arb]] = {
    "besselj": _kind(_first_kind, -1),
    "besseli": _kind(_first_kind, 1),
    "bessely": _kind(_second_kind, -1),
    "besselk": _kind(_second_kind, 1),
    "airyai": lambda x: guarded(_GUARD, lambda: _airy(as_ball(x), -1)),
    "airybi": lambda x: guarded(_GUARD, lambda: _airy(as_ball(x), 1)),
}
