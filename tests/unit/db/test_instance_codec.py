"""Canonical bytes: equal instances, equal bytes, and nothing lost on the way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from hypothesis.strategies import SearchStrategy

from db import instance_codec
from db.instance_codec import Matrices

EXACT = st.integers(min_value=-(2**63), max_value=2**63 - 1)
ROUNDED = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def matrices(draw: st.DrawFn) -> Matrices:
    order = draw(st.integers(min_value=1, max_value=5))
    exact = draw(st.booleans())
    elements: SearchStrategy[int | float] = EXACT if exact else ROUNDED
    kind = np.int64 if exact else np.float64
    parts = [
        draw(arrays.arrays(kind, (order, order), elements=elements))
        for _ in range(draw(st.sampled_from([2, 3])))
    ]
    return Matrices(*parts)


@given(matrices())
def test_what_goes_in_comes_out(given_: Matrices) -> None:
    found = instance_codec.decode(instance_codec.encode(given_))
    assert found.order == given_.order
    assert found.is_exact == given_.is_exact
    assert found.is_linear == given_.is_linear
    np.testing.assert_array_equal(found.flow, given_.flow)
    np.testing.assert_array_equal(found.distance, given_.distance)
    assert (found.linear is None) == (given_.linear is None)
    if found.linear is not None:
        np.testing.assert_array_equal(found.linear, given_.linear)


@given(matrices())
def test_what_came_out_has_the_same_name(given_: Matrices) -> None:
    content = instance_codec.encode(given_)
    again = instance_codec.encode(instance_codec.decode(content))
    assert instance_codec.sha256(again) == instance_codec.sha256(content)


@given(matrices())
def test_how_the_rows_lie_in_memory_makes_no_difference(given_: Matrices) -> None:
    by_columns = Matrices(np.asfortranarray(given_.flow), given_.distance)
    plain = Matrices(given_.flow, given_.distance)
    assert instance_codec.encode(by_columns) == instance_codec.encode(plain)


@given(st.binary())
def test_compression_is_undone(content: bytes) -> None:
    compressed = instance_codec.compress(content)
    assert instance_codec.decompress(compressed) == content


def test_a_negative_zero_is_a_zero() -> None:
    zeros, ones = np.zeros((2, 2)), np.ones((2, 2))
    assert np.signbit(-zeros).all()
    assert instance_codec.encode(Matrices(-zeros, ones)) == instance_codec.encode(
        Matrices(zeros, ones)
    )


def test_integers_and_floats_are_different_instances() -> None:
    ones = np.ones((2, 2), np.int64)
    exact = instance_codec.encode(Matrices(ones, ones))
    rounded = instance_codec.encode(Matrices(ones * 1.0, ones * 1.0))
    assert instance_codec.sha256(exact) != instance_codec.sha256(rounded)


def test_a_linear_term_of_zeros_is_another_instance() -> None:
    ones = np.ones((2, 2), np.int64)
    assert instance_codec.encode(Matrices(ones, ones)) != instance_codec.encode(
        Matrices(ones, ones, ones * 0)
    )


def test_the_layout_is_the_one_that_is_told() -> None:
    # By hand, from the module's docstring: other programs may rely on it.
    content = instance_codec.encode(Matrices(np.array([[2]]), np.array([[-1]])))
    assert content == b"QAP1" + b"\x01" + b"\x01\0\0\0" + b"\x02" + b"\0" * 7 + (
        b"\xff" * 8
    )


@pytest.mark.parametrize(("flow", "distance"), [(0, 1), (1, 0), (0, 0)])
def test_without_flow_or_distance_an_instance_is_linear(
    flow: int, distance: int
) -> None:
    ones = np.ones((2, 2), np.int64)
    assert Matrices(ones * flow, ones * distance, ones).is_linear
    assert not Matrices(ones, ones, ones).is_linear


def test_other_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="canonical bytes"):
        instance_codec.decode(b"QAP2" + b"\0" * 30)
