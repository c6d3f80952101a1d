"""Decimals are rounded as exact arithmetic rounds them; bounds are never too small."""

import decimal
from collections.abc import Iterator
from fractions import Fraction

import pytest
from flint import arb, ctx, fmpq

from tests.benchmarks.precision_cases import Dice
from worker.precision.decimals import bound_of, bound_text, round_ball, round_exact


@pytest.fixture(autouse=True)
def precision() -> Iterator[None]:
    # The ends of a ball are taken without rounding.
    kept, ctx.prec = ctx.prec, 300
    yield
    ctx.prec = kept


def draw(rng: Dice) -> Fraction:
    top = rng.randint(-(10 ** rng.randint(1, 30)), 10 ** rng.randint(1, 30))
    bottom = rng.choice([1, 2**20, 5**9, rng.randint(1, 10 ** rng.randint(1, 30))])
    return Fraction(top, bottom) or Fraction(1, 7)


def test_a_rational_is_rounded_half_to_even() -> None:
    rng = Dice(1)
    for _ in range(3_000):
        number, digits = draw(rng), rng.randint(1, 40)
        found = round_exact(fmpq(number.numerator, number.denominator), digits)
        context = decimal.Context(prec=digits, rounding=decimal.ROUND_HALF_EVEN)
        true = context.divide(
            decimal.Decimal(number.numerator), decimal.Decimal(number.denominator)
        )
        assert Fraction(found.value) == Fraction(true)
        distance = abs(Fraction(found.value) - number)
        assert distance <= Fraction(found.error_bound) <= distance * Fraction(102, 100)
        assert found.is_exact == (distance == 0)
        mantissa = found.value.lstrip("-").partition("e")[0].replace(".", "")
        assert len(mantissa.lstrip("0")) == digits


def test_a_ball_is_rounded_only_if_all_of_it_rounds_alike() -> None:
    rng = Dice(2)
    rounded = 0
    for _ in range(3_000):
        digits, places = rng.randint(1, 9), rng.randint(0, 20)
        middle = rng.randint(-(10**9), 10**9) or 1
        radius = Fraction(rng.randint(0, 99), 2 ** rng.randint(1, 40))
        power = 2**places
        ball = arb(middle) / power + arb(0, arb(radius.numerator) / radius.denominator)
        ends = [Fraction(*_dyadic(end)) for end in (ball.lower(), ball.upper())]
        wanted = {
            Fraction(round_exact(fmpq(e.numerator, e.denominator), digits).value)
            for e in ends
        }
        found = round_ball(ball, digits)
        settled = round_ball(ball, digits, settle=True)
        assert settled is not None
        for end in ends:
            assert abs(Fraction(settled.value) - end) <= Fraction(settled.error_bound)
        if found is not None:
            rounded += 1
            assert {Fraction(found.value)} == wanted
    assert rounded > 300


def _dyadic(end: arb) -> tuple[int, int]:
    mantissa, exponent = (int(each) for each in end.man_exp())
    scale = 1 << abs(exponent)
    return (mantissa * scale, 1) if exponent >= 0 else (mantissa, scale)


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [
        (fmpq(1, 3), 5, "0.33333"),
        (fmpq(-2, 3), 1, "-0.7"),
        (fmpq(12345), 5, "12345"),
        (fmpq(12345), 3, "1.23e+4"),
        (fmpq(99999), 3, "1.00e+5"),
        (fmpq(1, 10**7), 2, "1.0e-7"),
        (fmpq(1, 10**6), 2, "0.0000010"),
        (fmpq(10**20), 21, "100000000000000000000"),
        (fmpq(0), 9, "0"),
    ],
)
def test_numbers_are_written_plainly(number: fmpq, digits: int, text: str) -> None:
    assert round_exact(number, digits).value == text


def test_a_bound_is_rounded_up() -> None:
    rng = Dice(3)
    for _ in range(2_000):
        size = abs(draw(rng))
        text = bound_text(fmpq(size.numerator, size.denominator))
        assert size <= Fraction(text) <= size * Fraction(1011, 1000)
    assert bound_text(fmpq(0)) == "0"


def test_the_size_of_a_ball_is_bounded() -> None:
    assert float(bound_of(arb(-3, 0.5))) == pytest.approx(3.5, rel=1e-2)
    assert bound_of(arb(0)) == "0"
