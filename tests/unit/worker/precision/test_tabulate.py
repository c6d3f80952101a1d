"""Tables have exact points, a row for each, and are kept when stopped."""

from fractions import Fraction

import pytest

from db.contracts.expression import parse
from worker.precision import (
    InvalidValueError,
    OutsideDomainError,
    evenly,
    exact_input,
    tabulate,
)


def test_points_are_at_equal_distances_exactly() -> None:
    points = [each.exact for each in evenly("0", "1", 4)]
    assert points == ["0", "1/3", "2/3", "1"]
    points = [each.exact for each in evenly("0.1", 0.5, 5)]
    assert points == ["0.1", "0.2", "0.3", "0.4", "0.5"]


def test_a_point_without_a_value_has_its_error() -> None:
    points = [exact_input(each) for each in (-1, 0, 1)]
    rows = tabulate(parse("1/x + sqrt(x+1)", ["x"]), "x", points, {}, 10)
    assert [each.evaluation is None for each in rows] == [False, True, False]
    assert isinstance(rows[1].error, OutsideDomainError)


def test_other_variables_keep_their_values() -> None:
    points = [exact_input(each) for each in (1, 2)]
    rows = tabulate(parse("a*x", ["a", "x"]), "x", points, {"a": "0.5"}, 3)
    values = [Fraction(each.evaluation.value) for each in rows if each.evaluation]
    assert values == [Fraction(1, 2), 1]
    with pytest.raises(InvalidValueError):
        tabulate(parse("a*x", ["a", "x"]), "x", points, {"a": "one"}, 3)


def test_stopped_the_rows_so_far_are_kept() -> None:
    told: list[float] = []

    def tell(share: float) -> bool:
        told.append(share)
        return share < 0.5

    points = list(evenly(1, 10, 10))
    rows = tabulate(parse("sin(x)", ["x"]), "x", points, {}, 10, on_progress=tell)
    assert len(rows) == 5
    assert told == sorted(told)
