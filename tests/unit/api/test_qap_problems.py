"""Instances that names alone stand for."""

import numpy as np
import pytest

from api.qap_problems import synthetic
from db.contracts.errors import InvalidInputError


def test_a_name_is_always_the_same_instance() -> None:
    first, again = synthetic("test_7x7", 100), synthetic("TEST_7x7", 100)
    assert first is not None
    assert again is not None
    np.testing.assert_array_equal(first.flow, again.flow)
    np.testing.assert_array_equal(first.distance, again.distance)


def test_another_name_is_another_instance_of_its_own_order() -> None:
    one, other = synthetic("test_7x7", 100), synthetic("test_small_7x7", 100)
    assert one is not None
    assert other is not None
    assert np.shape(one.flow) == np.shape(other.flow) == (7, 7)
    assert not np.array_equal(one.flow, other.flow)


def test_flow_and_distance_are_those_of_places() -> None:
    made = synthetic("test_12x12", 100)
    assert made is not None
    for matrix in (made.flow, made.distance):
        np.testing.assert_array_equal(matrix, np.transpose(matrix))
        assert np.diagonal(matrix).max() == 0
        assert matrix.max() > 0
    assert not np.array_equal(made.flow, made.distance)


@pytest.mark.parametrize("name", ["nug12", "test", "test_7", "7x7", "testx7x7"])
def test_other_names_are_of_the_library(name: str) -> None:
    assert synthetic(name, 100) is None


@pytest.mark.parametrize("name", ["test_5x6", "test_1x1", "test_0x0", "test_101x101"])
def test_what_cannot_be_made_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError) as found:
        synthetic(name, 100)
    assert found.value.problems[0].pointer == "#/instance_name"
    assert found.value.suggestion
