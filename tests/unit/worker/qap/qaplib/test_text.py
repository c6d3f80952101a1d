import numpy as np
import pytest
from hypothesis import given

from tests.unit.worker.qap.kinds import instances
from worker.qap import Instance, InvalidInstanceError, QAPLIBFormatError, objective
from worker.qap.permutation import inverse
from worker.qap.qaplib import (
    load,
    read_instance,
    read_solution,
    write_instance,
    write_solution,
)

PLAIN = ("symmetric", "asymmetric", "diagonal", "negative", "sparse", "large", "float")


@given(instances(kinds=PLAIN))
def test_what_is_written_is_read_back(instance: Instance) -> None:
    again = read_instance(write_instance(instance), name="again")
    np.testing.assert_array_equal(again.flow, instance.flow)
    np.testing.assert_array_equal(again.distance, instance.distance)
    assert again.name == "again"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("x", "Word 1"),
        ("-3 1", "Word 1"),
        ("99999999999", "Word 1"),
        ("2 1 2 3", "3 numbers, not"),
        ("2 " + "1 " * 9, "9 numbers, not"),
        ("2 0 1 1 0 0 x 1 0", "Word 7 is 'x'"),
    ],
)
def test_text_of_another_format_is_refused_with_its_place(text, reason) -> None:
    with pytest.raises(QAPLIBFormatError, match=reason):
        read_instance(text)


def test_numbers_that_make_no_instance_are_refused() -> None:
    with pytest.raises(InvalidInstanceError):
        read_instance("2 0 nan 1 0 0 1 1 0")
    with pytest.raises(InvalidInstanceError):
        read_instance("1 0 0")


def test_linear_costs_are_not_written() -> None:
    with pytest.raises(QAPLIBFormatError, match="linear"):
        write_instance(Instance.from_costs([[1, 2], [3, 4]]))


def test_a_solution_is_read_in_either_convention() -> None:
    instance = load("tai12a")
    permutation = np.random.default_rng(1).permutation(12)
    value = objective(instance, permutation)
    for written in (permutation, inverse(permutation)):
        text = f"12, {value}\n" + ",".join(str(place + 1) for place in written)
        np.testing.assert_array_equal(read_solution(text, instance), permutation)


def test_a_solution_written_is_read_back() -> None:
    instance = load("bur26a")
    permutation = np.random.default_rng(1).permutation(26)
    text = write_solution(instance, permutation)
    np.testing.assert_array_equal(read_solution(text, instance), permutation)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "starts with"),
        ("2 11 1 2", "of order 2"),
        ("3 11 1 2", "with 2 locations"),
        ("3 x 1 2 3", "Word 2"),
        ("3 11 1 2 2", "taken 2 times"),
        ("3 11 1 2 4", "not in 0..2"),
        ("3 11 1 2 0", "Word 5"),
        ("3 11 1 2 3", "claims 11"),
    ],
)
def test_a_solution_that_is_none_is_refused_with_its_reason(text, reason) -> None:
    matrix = [[0, 1, 2], [3, 0, 4], [5, 6, 0]]
    with pytest.raises(QAPLIBFormatError, match=reason):
        read_solution(text, Instance(matrix, matrix))
