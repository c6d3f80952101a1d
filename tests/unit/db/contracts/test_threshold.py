"""Numbers are found where a pointer points, and nothing else is one."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.contracts.json_pointer import POINTER, number_at
from db.contracts.threshold import MARKET, SOURCES, Watched

DOCUMENT: dict[str, Any] = {
    "npv": 12,
    "rates": [0.1, {"a/b": "1.5e3", "~": -2.0}],
    "": {"": 7},
    "no": [True, None, "x", "nan", "1e999", 10**400, float("inf"), {}, " 1", "٣"],
}


@pytest.mark.parametrize(
    ("pointer", "number"),
    [
        ("/npv", 12.0),
        ("/rates/0", 0.1),
        ("/rates/1/a~1b", 1500.0),
        ("/rates/1/~0", -2.0),
        ("//", 7.0),
    ],
)
def test_a_number_is_found(pointer: str, number: float) -> None:
    assert POINTER.fullmatch(pointer)
    assert number_at(DOCUMENT, pointer) == number


@pytest.mark.parametrize(
    "pointer",
    [
        *(f"/no/{i}" for i in range(10)),
        *("/rates", "/rates/2", "/rates/-", "/rates/01", "/rates/+0", "/rates/٣"),
        *("/x", "/npv/0", "/rates/1/a/b"),
    ],
)
def test_nothing_else_is_a_number(pointer: str) -> None:
    assert number_at(DOCUMENT, pointer) is None


@given(pointer=st.from_regex(POINTER, fullmatch=True), number=st.floats())
def test_any_pointer_leads_to_a_finite_number_or_nowhere(
    pointer: str, number: float
) -> None:
    document: Any = number
    for token in reversed(pointer.split("/")[1:]):
        document = {token.replace("~1", "/").replace("~0", "~"): document}
    found = number_at(document, pointer)
    assert found == (number if math.isfinite(number) else None)


@pytest.mark.parametrize("pointer", ["", "npv", "/~", "/~2", "/a\x00"])
def test_some_text_is_no_pointer(pointer: str) -> None:
    assert POINTER.fullmatch(pointer) is None


def test_what_is_watched_is_named_as_callers_write_it() -> None:
    assert Watched(MARKET, "/tech_index").named == "market:tech_index"
    assert Watched("calculation:live_1", "/npv").named == "calculation:live_1"
    assert set(SOURCES) == {"market", "calculation"}
