"""What the states of a job promise, asked of each one."""

import pytest

from db.contracts.event import TERMINAL
from db.contracts.job_state import FINAL_STATES, TRANSITIONS, JobState
from db.contracts.kinds import KINDS
from db.repositories.attempts import ending_of


def test_every_state_says_what_may_follow() -> None:
    assert set(TRANSITIONS) == set(JobState)


@pytest.mark.parametrize("state", JobState)
def test_a_state_is_final_if_and_only_if_nothing_follows(state: JobState) -> None:
    assert state.is_final == (state in FINAL_STATES) == (not TRANSITIONS[state])


@pytest.mark.parametrize("state", JobState)
def test_a_job_can_always_come_to_an_end(state: JobState) -> None:
    reached, edge = {state}, {state}
    while edge:
        edge = {after for one in edge for after in TRANSITIONS[one]} - reached
        reached |= edge
    assert any(found.is_final for found in reached)


def test_every_state_is_reached_from_queued() -> None:
    reached, edge = {JobState.QUEUED}, {JobState.QUEUED}
    while edge:
        edge = {after for one in edge for after in TRANSITIONS[one]} - reached
        reached |= edge
    assert reached == set(JobState)


@pytest.mark.parametrize("kind", KINDS)
def test_every_final_state_has_its_own_terminal_event(kind: str) -> None:
    endings = {ending_of(kind, state) for state in FINAL_STATES}
    assert len(endings) == len(FINAL_STATES)
    assert endings <= TERMINAL


def test_every_terminal_event_is_the_end_of_some_kind() -> None:
    assert {
        ending_of(kind, state) for kind in KINDS for state in FINAL_STATES
    } == TERMINAL


@pytest.mark.parametrize("state", FINAL_STATES)
def test_the_terminal_event_is_named_after_the_state(state: JobState) -> None:
    assert ending_of("solve", state).value == f"job.{state.value}"
