"""Matrices out of JSON and QAPLIB text, exactly, or with a finger on the fault."""

from typing import Any

import numpy as np
import pytest
from pydantic_core import PydanticCustomError

from api.matrices import parse_matrix, parse_qaplib


def where(error: pytest.ExceptionInfo[PydanticCustomError]) -> tuple[object, ...]:
    context = error.value.context
    assert context is not None
    assert context["suggestion"]
    found: tuple[object, ...] = context["path"]
    return found


def test_integers_stay_integers() -> None:
    matrix = parse_matrix([[0, 2**63 - 1], [-(2**63), 1]])
    assert matrix.dtype == np.int64
    assert matrix.tolist() == [[0, 2**63 - 1], [-(2**63), 1]]


def test_whole_floats_become_integers() -> None:
    matrix = parse_matrix([[0.0, 2.0], [-0.0, 2.0**53 - 1]])
    assert matrix.dtype == np.int64
    assert matrix.tolist() == [[0, 2], [0, 2**53 - 1]]


def test_one_fraction_makes_all_floats() -> None:
    matrix = parse_matrix([[0, 1], [0.5, 2]])
    assert matrix.dtype == np.float64
    assert matrix.tolist() == [[0.0, 1.0], [0.5, 2.0]]


def test_floats_that_are_whole_but_not_exact_stay_floats() -> None:
    assert parse_matrix([[0.0, 2.0**60], [1, 1]]).dtype == np.float64


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ([[0, 2**63], [0, 0]], (0, 1)),
        ([[0, 0], [-(2**63) - 1, 0]], (1, 0)),
        ([[0.5, 0], [0, 1e19]], (1, 1)),
        ([[0.5, float("nan")], [0, 0]], (0, 1)),
        ([[0.5, 0], [float("-inf"), 0]], (1, 0)),
        ([[0, 1], [True, 0]], (1, 0)),
        ([[0, 1], [1]], (1,)),
        ([[0, 1]], ()),
    ],
)
def test_a_fault_is_pointed_at(rows: Any, path: tuple[int, ...]) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_matrix(rows)
    assert where(caught) == path


def test_text_of_qaplib_is_flow_then_distance() -> None:
    matrices = parse_qaplib(" 2\n\n0 1\n2 3\n\t4 5 6 -7 ", max_order=9)
    assert matrices.flow.tolist() == [[0, 1], [2, 3]]
    assert matrices.distance.tolist() == [[4, 5], [6, -7]]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no order"),
        ("two", "no order"),
        ("1.5 0", "no order"),
        ("\u0662 0", "no order"),
        ("-2 0", "an order of -2"),
        ("1 0 0", "an order of 1"),
        ("10 0 0", "an order of 10"),
        ("9" * 30, "no order"),
        ("2", "0 values follow the order 2, expected 8"),
        ("2 0 1 2", "3 values follow the order 2, expected 8"),
        ("2 0 1 2 3 4 5 6 7 8", "more values follow the order 2, expected 8"),
        ("2 0 1 2 3 4 5 6 7 8 9 10", "more values follow the order 2, expected 8"),
        ("2 0 1 2 3 4 5 6 7.0", "value 8 is not"),
        ("2 0 1 2 3 4 5 6 9223372036854775808", "value 8 is not"),
        ("2 0 1 2 3 4 5 6 \u0662", "value 8 is not"),
    ],
)
def test_text_that_is_not_of_qaplib_is_told_why(text: str, told: str) -> None:
    with pytest.raises(PydanticCustomError, match=told):
        parse_qaplib(text, max_order=9)
