import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.client.arrays import instance_of, rows
from api.client.transport import encoded

BIG = 2**62 + 1
"""No float is this number."""
ROWS = [[0, 1], [2, 0]]


def sent(instance: Any) -> Any:
    return json.loads(encoded(instance))


@pytest.mark.parametrize(
    "matrix",
    [
        np.array([[0, BIG], [1, 0]]),
        np.array([[0, BIG], [1, 0]], dtype=object),
        np.array([[0, BIG], [1, 0]], dtype=np.uint64),
        [[0, BIG], [1, 0]],
        ((0, BIG), (1, 0)),
        [np.array([0, BIG]), np.array([1, 0])],
    ],
    ids=lambda matrix: type(matrix).__name__,
)
def test_integers_are_sent_to_the_last_digit(matrix: Any) -> None:
    instance = instance_of(matrix, matrix, None)
    assert sent(instance) == {
        "flow": [[0, BIG], [1, 0]],
        "distance": [[0, BIG], [1, 0]],
    }


def test_an_adjacency_matrix_is_of_numbers() -> None:
    assert rows(np.array(ROWS) > 0) == [[0, 1], [1, 0]]


def test_tables_and_sparse_matrices_are_rows_too() -> None:
    class Table:
        def to_numpy(self) -> Any:
            return np.array(ROWS)

    class Sparse:
        def toarray(self) -> Any:
            return np.array(ROWS)

    assert rows(Table()) == rows(Sparse()) == ROWS


def test_linear_costs_go_with_a_flow_and_a_distance() -> None:
    assert instance_of(ROWS, ROWS, np.eye(2))["linear"] == [[1.0, 0.0], [0.0, 1.0]]
    with pytest.raises(TypeError, match="a flow and a distance"):
        instance_of("nug12", None, ROWS)


def test_one_argument_is_a_whole_instance(tmp_path: Path) -> None:
    file = tmp_path / "two.dat"
    file.write_text("2\n0 1\n1 0\n0 1\n1 0\n", encoding="utf-8")
    assert instance_of("nug12", None, None) == {"name": "nug12"}
    assert instance_of({"costs": ROWS}, None, None) == {"costs": ROWS}
    text = {"qaplib": file.read_text(encoding="utf-8")}
    assert instance_of(file, None, None) == instance_of(str(file), None, None) == text


def test_half_an_instance_is_none() -> None:
    with pytest.raises(TypeError, match="the name of one of the library"):
        instance_of(ROWS, None, None)
