"""Uptime: counted second by second it is the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.contracts.provider import ProviderState
from db.contracts.uptime import StateChange, uptime_of

UNKNOWN, ONLINE, DEGRADED, OFFLINE = ProviderState


def second_by_second(
    moments: list[int], states: list[ProviderState], begin: int, end: int
) -> dict[ProviderState, float]:
    """Count whole seconds: changes are at whole ones here."""
    seconds = dict.fromkeys(ProviderState, 0.0)
    for second in range(begin, end):
        current = UNKNOWN
        for at, state in zip(moments, states, strict=True):
            if at <= second:
                current = state
        seconds[current] += 1.0
    return seconds


@given(
    st.lists(st.integers(0, 60), max_size=8).map(sorted),
    st.lists(st.sampled_from(ProviderState), min_size=8, max_size=8),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_it_is_what_counting_finds(
    moments: list[int], states: list[ProviderState], begin: int, length: int
) -> None:
    states = states[: len(moments)]
    olds = [UNKNOWN, *states]
    all_changes = [
        StateChange(float(at), old, new)
        for at, old, new in zip(moments, olds, states, strict=False)
    ]
    before = [each for each in all_changes if each.at <= begin][-1:]
    within = [each for each in all_changes if begin < each.at < begin + length]
    found = uptime_of(
        before + within,
        begin=float(begin),
        end=float(begin + length),
        # What it became since tells nothing of the window.
        state=states[-1] if states else UNKNOWN,
        since=float(moments[-1]) if moments else 0.0,
    )
    expected = second_by_second(moments, states, begin, begin + length)
    assert found.seconds == expected
    known = length - expected[UNKNOWN]
    assert found.known_s == known
    if known:
        assert found.share(OFFLINE) == expected[OFFLINE] / known
        assert found.up == pytest.approx(1 - expected[OFFLINE] / known)
    else:
        assert (found.up, found.share(ONLINE)) == (None, None)


def test_where_changes_are_forgotten_the_state_says_since_when() -> None:
    found = uptime_of([], begin=10.0, end=20.0, state=ONLINE, since=14.0)
    assert found.seconds == {UNKNOWN: 4.0, ONLINE: 6.0, DEGRADED: 0.0, OFFLINE: 0.0}
    earlier = uptime_of([], begin=10.0, end=20.0, state=DEGRADED, since=1.0)
    assert (earlier.share(DEGRADED), earlier.up) == (1.0, 1.0)


def test_before_the_first_change_that_is_kept_it_was_what_that_one_says() -> None:
    first = StateChange(15.0, OFFLINE, ONLINE)
    found = uptime_of([first], begin=10.0, end=20.0, state=ONLINE, since=15.0)
    assert (found.share(OFFLINE), found.up) == (0.5, 0.5)
