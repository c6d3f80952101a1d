"""What webhooks may be told is written down in several places, and the same in all."""

import json
from typing import get_args

import pytest

from api.openapi_events import MEANING, THIN_NOTIFICATION
from api.schemas.endpoint import EventName
from api.schemas.job import MilestoneName
from db.announcement import CHANNELS
from db.contracts.delivery import (
    MILESTONES,
    NOTICES,
    USUAL,
    USUAL_OF_JOB,
    read_events,
    write_events,
)
from db.contracts.event import TERMINAL, EventType
from db.contracts.job_state import JobState
from db.repositories.planning import wanted
from db.webhooks.body import SOURCES, thin, thin_notification


def test_callers_may_name_every_event_that_is_delivered() -> None:
    assert set(get_args(MilestoneName)) == set(MILESTONES)
    named = {each for part in get_args(EventName) for each in get_args(part)}
    assert named == {*MILESTONES, *NOTICES}
    assert set(MEANING) == {*MILESTONES, *NOTICES, EventType.WEBHOOK_TEST}


def test_what_is_usual_ends_something_or_tells_of_a_fault() -> None:
    assert set(USUAL_OF_JOB) == TERMINAL
    assert set(USUAL) == {*TERMINAL, EventType.WEBHOOK_DISABLED}


@pytest.mark.parametrize("type_", [*MILESTONES, *NOTICES])
def test_a_row_names_an_event_and_no_other(type_: EventType) -> None:
    row = write_events([type_, type_])
    assert read_events(row) == [type_]
    assert [each for each in EventType if wanted(each) in row] == [type_]


@pytest.mark.parametrize("type_", MILESTONES)
def test_the_thin_form_tells_the_jobs_state(type_: EventType) -> None:
    event = {"source": "/v1/jobs/job_1", "type": type_, "subject": "job_1", "data": {}}
    state = JobState(json.loads(thin(json.dumps(event)))["data"]["state"])
    assert state.is_final == type_.is_terminal


def test_the_thin_form_of_a_notification_says_where_it_is() -> None:
    told = {"id": "ntf_1", "channel": "system", "notification_type": "x"}
    data = {**told, "level": "info", "message": "no", "data": {"no": 1}}
    event = {"source": "/v1/notifications/ntf_1", "data": data}
    thinned = json.loads(thin_notification(json.dumps(event)))["data"]
    assert thinned == {
        **told,
        "level": "info",
        "links": {"self": "/v1/notifications/ntf_1"},
    }
    assert set(THIN_NOTIFICATION["required"]) == set(thinned)
    assert set(SOURCES) == {*NOTICES, EventType.WEBHOOK_TEST}
    assert set(CHANNELS) == set(NOTICES)
