"""How a check is judged, and when a provider's state changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.contracts.provider import (
    CheckOutcome,
    ErrorType,
    Expectation,
    ProviderState,
    Seen,
    Standing,
    level_of,
    masked,
    next_standing,
)

ONLINE, DEGRADED, OFFLINE = (
    ProviderState.ONLINE,
    ProviderState.DEGRADED,
    ProviderState.OFFLINE,
)
THREE = Expectation(failures=3, recoveries=2)
LEVELS = st.sampled_from([ONLINE, DEGRADED, OFFLINE])


@pytest.mark.parametrize(
    ("seen", "level"),
    [
        (Seen(outcome=CheckOutcome.SUCCESS, response_ms=1999.9), ONLINE),
        (Seen(outcome=CheckOutcome.SUCCESS, response_ms=2000.0), DEGRADED),
        (Seen(outcome=CheckOutcome.SUCCESS, response_ms=4999.9), DEGRADED),
        (Seen(outcome=CheckOutcome.SUCCESS, response_ms=5000.0), OFFLINE),
        (Seen(outcome=CheckOutcome.FAILED, error_type=ErrorType.STATUS), DEGRADED),
        (Seen(outcome=CheckOutcome.FAILED, error_type=ErrorType.CONTENT), DEGRADED),
        (
            Seen(
                outcome=CheckOutcome.FAILED,
                error_type=ErrorType.STATUS,
                response_ms=5000.0,
            ),
            OFFLINE,
        ),
        (Seen(outcome=CheckOutcome.RATE_LIMITED), DEGRADED),
        (Seen(outcome=CheckOutcome.TIMEOUT, error_type=ErrorType.TIMEOUT), OFFLINE),
        (Seen(outcome=CheckOutcome.FAILED, error_type=ErrorType.NETWORK), OFFLINE),
        (Seen(outcome=CheckOutcome.FAILED, error_type=ErrorType.TLS), OFFLINE),
        (Seen(outcome=CheckOutcome.BLOCKED, error_type=ErrorType.BUDGET), None),
    ],
)
def test_what_a_check_shows(seen: Seen, level: ProviderState | None) -> None:
    assert level_of(Expectation(), seen) is level


def after(*levels: ProviderState, expected: Expectation = THREE) -> Standing:
    standing = Standing()
    for level in levels:
        standing = next_standing(expected, standing, level)
    return standing


def test_the_first_check_decides_at_once() -> None:
    for level in (ONLINE, DEGRADED, OFFLINE):
        assert after(level).state is level


def test_so_many_in_a_row_change_it_and_no_fewer() -> None:
    assert after(ONLINE, OFFLINE, OFFLINE).state is ONLINE
    assert after(ONLINE, OFFLINE, OFFLINE, OFFLINE).state is OFFLINE
    assert after(ONLINE, OFFLINE, OFFLINE, ONLINE, OFFLINE).state is ONLINE


def test_coming_back_has_a_count_of_its_own() -> None:
    assert after(OFFLINE, ONLINE).state is OFFLINE
    assert after(OFFLINE, ONLINE, ONLINE).state is ONLINE


def test_all_that_is_worse_counts_together() -> None:
    assert after(ONLINE, OFFLINE, DEGRADED, OFFLINE).state is OFFLINE
    assert after(ONLINE, OFFLINE, OFFLINE, DEGRADED).state is DEGRADED


def test_what_is_better_does_not_count_with_what_is_worse() -> None:
    assert after(DEGRADED, OFFLINE, OFFLINE, ONLINE).state is DEGRADED
    assert after(DEGRADED, OFFLINE, OFFLINE, ONLINE, OFFLINE).state is DEGRADED


@given(st.lists(LEVELS, min_size=1, max_size=30), st.integers(1, 4), st.integers(1, 4))
def test_a_state_is_always_one_that_was_seen_and_lasts(
    levels: list[ProviderState], failures: int, recoveries: int
) -> None:
    expected = Expectation(failures=failures, recoveries=recoveries)
    standing = Standing()
    for number, level in enumerate(levels, 1):
        before, standing = standing, next_standing(expected, standing, level)
        assert standing.level is level
        assert standing.state in {before.state, level}
        if number > 1 and standing.state is not before.state:
            needed = min(failures, recoveries)
            assert all(
                each is not before.state for each in levels[number - needed : number]
            )


@given(st.text(max_size=200))
def test_a_masked_key_shows_no_more_than_its_ends(key: str) -> None:
    first, last = (key[:4], key[-4:]) if len(key) >= 12 else ("", "")
    assert masked(key) == f"{first}{'*' * 8}{last}"
