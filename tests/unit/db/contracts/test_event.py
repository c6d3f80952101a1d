"""An event's bytes, before and after the log has numbered it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.contracts.event import EventDraft, EventType, JobQueued, timestamp


def draft(**changes: object) -> EventDraft:
    given_ = {
        "id": "evt_1",
        "type": EventType.JOB_QUEUED,
        "job_id": "job_1",
        "time": 0.0,
        "attempt": 0,
        "data": "{}",
        **changes,
    }
    return EventDraft(**given_)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1_700_000_000.0, "2023-11-14T22:13:20.000Z"),
        (1_700_000_000.1239, "2023-11-14T22:13:20.123Z"),
    ],
)
def test_times_are_utc_to_the_millisecond(seconds: float, text: str) -> None:
    assert timestamp(seconds) == text


@given(st.text(), st.integers(min_value=1, max_value=10**12 - 1))
def test_whatever_the_payload_says_the_event_is_json(text: str, number: int) -> None:
    payload = JobQueued(kind=text, queue=text, attempt=0, reason=text)
    body = draft(data=payload.model_dump_json()).render(number, "e")
    event = json.loads(body)
    assert event["data"]["reason"] == text
    assert int(event["sequence"]) == number
    assert "\n" not in body


def test_the_log_puts_number_and_epoch_between_head_and_tail() -> None:
    made = draft()
    assert made.render(7, "e") == f'{made.head}000000000007","epoch":"e{made.tail}'


def test_only_an_end_is_terminal() -> None:
    assert {type_ for type_ in EventType if type_.is_terminal} == {
        EventType.JOB_SUCCEEDED,
        EventType.JOB_FAILED,
        EventType.JOB_CANCELLED,
        EventType.JOB_EXPIRED,
        EventType.BATCH_COMPLETED,
        EventType.BENCHMARK_COMPLETED,
    }
