"""What would hold a worker for too long is refused by a rough estimate."""

import pytest

from db.contracts.expression import ExpressionError, check_cost, estimate_seconds, parse


def test_more_digits_cost_more() -> None:
    expression = parse("zeta(x) + gamma(x)", ["x"])
    few, many = (estimate_seconds(expression, digits) for digits in (100, 10_000))
    assert 0 < few < 0.01 < 1 < many


def test_more_steps_cost_more() -> None:
    one, two = (parse(each, ["x"]) for each in ("sin(x)", "sin(x)*sin(x+1)"))
    assert estimate_seconds(one, 1_000) < estimate_seconds(two, 1_000)


@pytest.mark.parametrize(
    ("source", "digits"),
    [("gamma(x)", 20_001), ("hurwitz(2, x)", 2_001), ("khinchin", 2_001)],
)
def test_a_slow_function_allows_fewer_digits(source: str, digits: int) -> None:
    with pytest.raises(ExpressionError, match="digits"):
        check_cost(parse(source, ["x"]), digits)


def test_what_takes_too_long_in_all_is_refused() -> None:
    expression = parse("zeta(x)", ["x"])
    check_cost(expression, 1_000)
    with pytest.raises(ExpressionError, match="would take about"):
        check_cost(expression, 5_000, points=10_000)
