"""Random questions to the precision core, and mpmath's answers to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

import mpmath
import numpy as np
from mpmath import mp

from db.contracts.expression import parse
from worker.precision import (
    Certainty,
    Evaluation,
    PrecisionError,
    UndecidedError,
    evaluate,
)

T = TypeVar("T")


class Dice:
    """Draws whole numbers of any size, from numpy's generator."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def random(self) -> float:
        return float(self._rng.random())

    def uniform(self, low: float, high: float) -> float:
        return float(self._rng.uniform(low, high))

    def randint(self, low: int, high: int) -> int:
        """Draw from low to high, both among them."""
        width = (high - low).bit_length() // 8 + 8
        return low + int.from_bytes(self._rng.bytes(width), "big") % (high - low + 1)

    def choice(self, members: Sequence[T]) -> T:
        return members[self.randint(0, len(members) - 1)]

    def sample(self, members: Sequence[T], count: int) -> list[T]:
        return [members[i] for i in self._rng.permutation(len(members))[:count]]


Draw = Callable[[Dice], Fraction]


def anything(rng: Dice) -> Fraction:
    """Draw of any size from 1e-9 to 1e4, either sign; a few whole numbers."""
    if rng.random() < 0.1:
        return Fraction(rng.randint(-12, 12))
    size = Fraction(10) ** rng.randint(-9, 4)
    return Fraction(rng.randint(-(10**9), 10**9), 10**9) * size


def positive(rng: Dice) -> Fraction:
    return abs(anything(rng)) or Fraction(1, 3)


def moderate(rng: Dice) -> Fraction:
    return Fraction(rng.randint(-(10**6), 10**6), 10**5)


def above_zero(rng: Dice) -> Fraction:
    return abs(moderate(rng)) + Fraction(1, 1000)


def within_one(rng: Dice) -> Fraction:
    return Fraction(rng.randint(-(10**9) + 1, 10**9 - 1), 10**9)


def above_one(rng: Dice) -> Fraction:
    return 1 + positive(rng)


def no_pole(rng: Dice) -> Fraction:
    drawn = moderate(rng)
    return drawn if drawn > 0 or drawn.denominator > 1 else 1 - drawn


def small_whole(rng: Dice) -> Fraction:
    return Fraction(rng.randint(1, 9))


def order(rng: Dice) -> Fraction:
    return Fraction(rng.randint(0, 8), rng.choice([1, 1, 2, 3]))


def below_one(rng: Dice) -> Fraction:
    return 1 - positive(rng)


def _cbrt(x: Any) -> Any:
    return mp.sign(x) * mp.cbrt(abs(x))


def _root(x: Any, n: Any) -> Any:
    return mp.root(x, int(n)) if x >= 0 else -mp.root(-x, int(n))


def _sinc(x: Any) -> Any:
    return mp.sin(x) / x if x else mp.one


@dataclass(frozen=True, slots=True)
class Asked:
    """A function: what it is asked, who answers, and to how many digits at most."""

    draws: tuple[Draw, ...]
    answer: Callable[..., Any]
    digits: int = 2_000


def _one(draw: Draw, answer: Callable[..., Any], digits: int = 2_000) -> Asked:
    return Asked((draw,), answer, digits)


ASKED: dict[str, Asked] = {
    "exp": _one(anything, mp.exp),
    "expm1": _one(anything, mp.expm1),
    "log": _one(positive, mp.log),
    "log1p": _one(positive, mp.log1p),
    "log2": _one(positive, lambda x: mp.log(x, 2)),
    "log10": _one(positive, mp.log10),
    "sqrt": _one(positive, mp.sqrt),
    "cbrt": _one(anything, _cbrt),
    "root": Asked((positive, small_whole), _root),
    "pow": Asked((above_zero, moderate), mp.power),
    "sin": _one(anything, mp.sin),
    "cos": _one(anything, mp.cos),
    "tan": _one(anything, mp.tan),
    "cot": _one(positive, mp.cot),
    "sec": _one(anything, mp.sec),
    "csc": _one(positive, mp.csc),
    "asin": _one(within_one, mp.asin),
    "acos": _one(within_one, mp.acos),
    "atan": _one(anything, mp.atan),
    "atan2": Asked((anything, positive), mp.atan2),
    "sinc": _one(anything, _sinc),
    "sinh": _one(anything, mp.sinh),
    "cosh": _one(anything, mp.cosh),
    "tanh": _one(moderate, mp.tanh),
    "asinh": _one(anything, mp.asinh),
    "acosh": _one(above_one, mp.acosh),
    "atanh": _one(within_one, mp.atanh),
    "gamma": _one(no_pole, mp.gamma, 300),
    "lgamma": _one(above_zero, mp.loggamma, 300),
    "digamma": _one(no_pole, mp.digamma, 300),
    "factorial": _one(above_zero, mp.factorial, 300),
    "binomial": Asked((above_zero, small_whole), mp.binomial, 200),
    "beta": Asked((above_zero, above_zero), mp.beta, 200),
    "erf": _one(moderate, mp.erf, 1_000),
    "erfc": _one(moderate, mp.erfc, 1_000),
    "erfi": _one(moderate, mp.erfi, 1_000),
    "zeta": _one(above_one, mp.zeta, 100),
    "hurwitz": Asked((lambda r: 1 + above_zero(r), above_zero), mp.zeta, 40),
    "polylog": Asked((small_whole, within_one), mp.polylog, 40),
    "besselj": Asked((order, above_zero), mp.besselj, 300),
    "bessely": Asked((order, above_zero), mp.bessely, 60),
    "besseli": Asked((order, above_zero), mp.besseli, 300),
    "besselk": Asked((order, above_zero), mp.besselk, 60),
    "airyai": _one(moderate, mp.airyai, 300),
    "airybi": _one(moderate, mp.airybi, 300),
    "ellipk": _one(below_one, mp.ellipk),
    "ellipe": _one(below_one, mp.ellipe, 300),
    "agm": Asked((positive, positive), mp.agm),
    "lambertw": _one(positive, mp.lambertw, 1_000),
    "li": _one(above_one, mp.li, 200),
    "ei": _one(above_zero, mp.ei, 200),
    "si": _one(moderate, mp.si, 200),
    "ci": _one(above_zero, mp.ci, 200),
    "abs": _one(anything, abs),
    "min": Asked((anything, anything), min),
    "max": Asked((anything, anything), max),
    "floor": _one(anything, mp.floor),
    "ceil": _one(anything, mp.ceil),
    "sign": _one(anything, mp.sign),
}
_ELEMENTARY = ("exp", "log", "sin", "cos", "atan", "sqrt", "tanh", "asinh", "cbrt")
_NAMES = ("x", "y")


@dataclass(frozen=True, slots=True)
class Case:
    """One question."""

    expression: str
    variables: dict[str, str]
    digits: int
    answer: Callable[[], Any]
    """At mpmath's precision of the moment."""


def draw_case(rng: Dice, *, most_digits: int = 2_000) -> Case:
    """Draw a function and its arguments, or a small expression of two functions."""
    if rng.random() < 0.1:
        return _draw_pair(rng, most_digits)
    name = rng.choice(list(ASKED))
    asked = ASKED[name]
    given = [draw(rng) for draw in asked.draws]
    text = ", ".join(_NAMES[: len(given)])
    return Case(
        f"{name}({text})",
        {key: _text(each) for key, each in zip(_NAMES, given, strict=False)},
        _digits(rng, min(asked.digits, most_digits)),
        lambda: asked.answer(*map(_number, given)),
    )


def _draw_pair(rng: Dice, most_digits: int) -> Case:
    one, other = rng.sample(_ELEMENTARY, 2)
    x, y = positive(rng), positive(rng)
    operator = rng.choice(["+", "-", "*", "/"])

    def answer() -> Any:
        left = ASKED[one].answer(_number(x))
        right = ASKED[other].answer(_number(y))
        if operator == "/":
            return left / right
        signed = -right if operator == "-" else right
        return left * right if operator == "*" else left + signed

    return Case(
        f"{one}(x) {operator} {other}(y)",
        {"x": _text(x), "y": _text(y)},
        _digits(rng, most_digits),
        answer,
    )


def _digits(rng: Dice, most: int) -> int:
    if rng.random() < 0.3:
        return rng.randint(1, most)
    return min(most, round(10 ** rng.uniform(0, 3.302)))


def _text(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _number(value: Fraction) -> Any:
    return mp.mpf(value.numerator) / value.denominator


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was wrong with one answer; all empty, it was right."""

    case: Case
    found: Evaluation | None
    wrong_digit: str = ""
    broken_bound: str = ""
    refused: str = ""

    @property
    def is_right(self) -> bool:
        return not (self.wrong_digit or self.broken_bound or self.refused)


def judge(case: Case, *, check: bool = True) -> Verdict:
    """Compare one answer with mpmath's at twice the precision, or more if they differ.

    mpmath proves nothing: where the two differ it is asked again with more digits
    before a digit of ours is called wrong.
    """
    try:
        parsed = parse(case.expression, case.variables)
        found = evaluate(parsed, case.variables, case.digits, check=check)
    except (UndecidedError, PrecisionError) as error:
        return Verdict(case, None, refused=f"{type(error).__name__}: {error}")
    verdict = Verdict(case, found)
    for times in (2, 4, 8):
        verdict = _against(case, found, times * case.digits + 30)
        if verdict.is_right:
            break
    return verdict


def _against(case: Case, found: Evaluation, digits: int) -> Verdict:
    with mpmath.workdps(digits):
        true = mp.re(case.answer())
        distance = abs(mp.mpf(found.value) - true)
        # What is lost of mpmath's own digits is no fault of ours.
        slack = abs(true) * mp.mpf(10) ** (15 - digits)
        if distance > mp.mpf(found.error_bound) + slack:
            return Verdict(case, found, broken_bound=mp.nstr(true, 20))
        if found.certainty in {Certainty.EXACT, Certainty.CORRECTLY_ROUNDED}:
            half = mp.mpf(_last_place(found.value, case.digits)) / 2
            if distance > half + slack:
                return Verdict(case, found, wrong_digit=mp.nstr(true, 20))
    return Verdict(case, found)


def _last_place(value: str, digits: int) -> str:
    """Return one unit of the last of the digits."""
    mantissa, _, exponent = value.lstrip("-").partition("e")
    if mantissa.strip("0.") == "":
        return "0"
    whole, _, fraction = mantissa.partition(".")
    assert len((whole + fraction).lstrip("0")) == digits, (value, digits)
    return f"1e{int(exponent or '0') - len(fraction)}"
