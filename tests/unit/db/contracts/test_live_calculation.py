"""Which of the feed's numbers stands where in a calculation's parameters."""

import pytest
from pydantic import BaseModel

from db.contracts.live_calculation import (
    UnboundError,
    bound,
    change_between,
    first_number,
    has_changed,
    numbers_of,
)
from db.contracts.market import MarketField, MarketValues

DISCOUNT, TECH = MarketField.DISCOUNT_RATE, MarketField.TECH_INDEX
NUMBERS = {DISCOUNT: 0.08, TECH: 101.5}


def test_numbers_stand_where_they_are_bound() -> None:
    given = {"flows": [1, 2, 3], "inner": {"a/b": 1}}
    bindings = {
        "/rate": DISCOUNT,
        "/flows/1": TECH,
        "/inner/a~1b": DISCOUNT,
        "/inner/new": TECH,
    }
    assert bound(given, bindings, NUMBERS) == {
        "flows": [1, 101.5, 3],
        "inner": {"a/b": 0.08, "new": 101.5},
        "rate": 0.08,
    }
    assert given == {"flows": [1, 2, 3], "inner": {"a/b": 1}}


@pytest.mark.parametrize(
    "pointer",
    ["", "rate", "/no/rate", "/flows/3", "/flows/-1", "/flows/01", "/flows/x",
     "/flows/-", "/flows/", "/flows/0/1", f"/flows/{'9' * 5000}"],
)  # fmt: skip
def test_a_pointer_to_nowhere_is_refused(pointer: str) -> None:
    with pytest.raises(UnboundError) as caught:
        bound({"flows": [1, 2, 3]}, {pointer: DISCOUNT}, NUMBERS)
    assert caught.value.pointer == pointer


def test_what_the_feed_lacks_is_no_number() -> None:
    values = MarketValues(discount_rate=0.08)
    assert numbers_of({"/rate": DISCOUNT}, values) == {DISCOUNT: 0.08}
    assert numbers_of({"/rate": DISCOUNT, "/index": TECH}, values) is None


@pytest.mark.parametrize(
    ("before", "share", "is_changed"),
    [
        ({}, 0.0, True),
        ({"discount_rate": 0.08}, 0.0, False),
        ({"discount_rate": 0.0800001}, 0.0, True),
        ({"discount_rate": 0.0801}, 0.01, False),
        ({"discount_rate": 0.07}, 0.01, True),
        ({"discount_rate": -0.08}, 0.5, True),
    ],
)
def test_a_change_is_a_share_of_what_was(
    before: dict[str, float], share: float, is_changed: bool
) -> None:
    assert has_changed(before, {DISCOUNT: 0.08}, share=share) is is_changed


def test_a_difference_is_that_of_what_is_written() -> None:
    assert change_between(0.1, 0.3) == 0.2
    assert change_between(39738.58, 39825.78) == 87.2
    assert change_between(1e300, -1e300) == -2e300
    assert change_between(None, 1.0) is change_between(1.0, None) is None


def test_what_an_outcome_is_about_is_found() -> None:
    class Number(BaseModel):
        text: str
        flags: list[float]
        npv: float | None
        other: int

    class Text(BaseModel):
        text: str

    class Value(BaseModel):
        digits: int
        value: str

    class Whole(BaseModel):
        text: Text | None
        number: Number

    assert first_number(Number) == "/npv"
    assert first_number(Text) is None
    assert first_number(Value) == "/value"
    assert first_number(Whole) == "/number/npv"
