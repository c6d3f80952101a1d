"""The Taylor series of the default function, term by term."""

import math
from fractions import Fraction

import pytest
from flint import arb, ctx, fmpq

from db.contracts.expression import parse
from worker.precision import evaluate
from worker.precision.gaussian_sine import MAX_POINT, point_of, taylor_sum

POINTS = [fmpq(0), fmpq(1, 10**30), fmpq(7, 10), fmpq(-314159, 100000), fmpq(8)]


@pytest.mark.parametrize("x", POINTS, ids=str)
@pytest.mark.parametrize("bits", [20, 60, 400])
def test_the_sum_holds_the_value(x: fmpq, bits: int) -> None:
    kept, ctx.prec = ctx.prec, bits + 60
    try:
        found = taylor_sum(x, bits)
        point = arb(x)
        assert found.ball.overlaps(point.sin() * (-point * point / 2).exp())
        assert found.ball.rel_accuracy_bits() >= bits
    finally:
        ctx.prec = kept


def test_the_sum_is_that_of_the_terms() -> None:
    # a(n) counts involutions: a(n+1) = a(n) + n a(n-1).
    counts = [1, 1]
    for n in range(1, 60):
        counts.append(counts[n] + n * counts[n - 1])
    x = Fraction(1, 2)
    total = sum(
        (-1) ** ((n - 1) // 2) * counts[n] * x**n / math.factorial(n)
        for n in range(1, 60, 2)
    )
    ball = taylor_sum(fmpq(1, 2), 50).ball
    assert float(ball.mid()) == pytest.approx(float(total), rel=1e-14)


def test_more_digits_take_more_terms() -> None:
    terms = [taylor_sum(fmpq(1), bits).terms for bits in (20, 50, 100, 400)]
    assert terms == sorted(set(terms))


def test_far_points_are_left_to_others() -> None:
    with pytest.raises(ArithmeticError):
        taylor_sum(fmpq(MAX_POINT + 1), 50)


@pytest.mark.parametrize(
    ("source", "is_it"),
    [
        ("sin(x)*exp(-x**2/2)", True),
        ("exp(-x**2/2)*sin(x)", True),
        ("sin(x)*exp(-(x**2/2))", True),
        ("sin(x)*exp(-x*x/2)", False),
        ("sin(x)*exp(-(x*x)/2)", True),
        ("sin(0.5)*exp(-0.5**2/2)", True),
        ("sin(x)*exp(-y**2/2)", False),
        ("sin(x)*exp(-x**2/3)", False),
        ("cos(x)*exp(-x**2/2)", False),
        ("sin(x)+exp(-x**2/2)", False),
    ],
)
def test_the_function_is_recognised(source: str, is_it: bool) -> None:
    assert (point_of(parse(source, ["x", "y"])) is not None) == is_it


def test_the_default_function_reports_its_terms() -> None:
    expression = parse("sin(x)*exp(-x**2/2)", ["x"])
    found = evaluate(expression, {"x": 3.14159}, 6)
    assert found.value == "1.90845e-8"
    assert found.terms is not None
    assert found.second is not None
    assert found.second.terms == found.terms > 10
    far = evaluate(expression, {"x": 30}, 15)
    assert far.terms is None
    assert far.second is not None
