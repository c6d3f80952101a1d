"""What is a traceparent and what is not, by the W3C's recommendation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.contracts import trace

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_one_that_is_given_goes_on_unchanged() -> None:
    assert trace.parse(GIVEN) == GIVEN
    assert trace.parse(f" {GIVEN} ") == GIVEN
    assert trace.trace_id(GIVEN) == "4bf92f3577b34da6a3ce929d0e0e4736"


def test_of_a_later_version_what_is_known_goes_on() -> None:
    assert trace.parse(f"cc{GIVEN[2:]}-what-else") == GIVEN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ff" + GIVEN[2:],
        GIVEN + "-more",
        GIVEN.upper(),
        GIVEN[:-1],
        GIVEN.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32),
        GIVEN.replace("00f067aa0ba902b7", "0" * 16),
        f"{GIVEN}, {GIVEN}",
        '00-"}-x-01',
    ],
)
def test_what_is_none_is_not_passed_on(text: str) -> None:
    assert trace.parse(text) is None


@given(st.text())
def test_nothing_but_a_traceparent_gets_through(text: str) -> None:
    found = trace.parse(text)
    assert found is None or trace.parse(found) == found


def test_one_that_begins_here_is_one_and_new() -> None:
    made = {trace.begin() for _ in range(100)}
    assert len(made) == 100
    assert all(trace.parse(each) == each for each in made)
