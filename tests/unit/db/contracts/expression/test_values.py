"""A variable's value is a number, and is refused by its text alone if it is not."""

import time

import pytest

from db.contracts.expression import ExpressionError, check_value


@pytest.mark.parametrize(
    "value",
    [
        0,
        -7,
        10**1000,
        0.1,
        5e-324,
        "0.1",
        "-1",
        "+2.5e-7",
        " 22/7 ",
        "1.5/.25",
        "1e99999",
    ],
)
def test_a_number_may_be_written_in_many_ways(value: int | float | str) -> None:
    check_value(value)


@pytest.mark.parametrize(
    "value",
    [
        True,
        float("nan"),
        float("inf"),
        "",
        "x",
        "1/0",
        "1/0.0e5",
        "1/2/3",
        "0x1",
        "1_0",
        "1e1000000000",
        pytest.param("1" * 20_001, id="long text"),
        pytest.param(10**20_000, id="long integer"),
        "٣",
        "1,5",
        "--1",
        "1e",
    ],
)
def test_what_is_no_number_is_refused_at_once(value: int | float | str) -> None:
    began = time.perf_counter()
    with pytest.raises(ExpressionError) as refused:
        check_value(value)
    assert time.perf_counter() - began < 0.1
    assert refused.value.suggestion
