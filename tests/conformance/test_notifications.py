"""What is told of a job, of every event that somebody may be told of."""

from typing import get_args

import pytest

from api.notification_views import PATHS
from api.ownership import JOBS, THRESHOLDS, WEBHOOKS
from api.routers.alerts import ID_FORM as ALERT_FORM
from api.schemas.threshold import ConditionName, LevelName
from db.contracts.errors import ErrorRecord
from db.contracts.event import TERMINAL, EventType, JobEnded, Notification
from db.contracts.identifier import new_id
from db.contracts.notification import TOLD, EndWish, Level, of_job
from db.contracts.threshold import Condition

ERROR = ErrorRecord(code="internal", message="why", suggestion="", retryable=False)


def test_every_end_is_told_and_what_puts_it_off() -> None:
    assert set(TOLD) == TERMINAL | {EventType.JOB_ATTEMPT_LOST}


@pytest.mark.parametrize("type_", TOLD)
def test_it_names_the_calculation_as_its_caller_does(type_: EventType) -> None:
    for name, shown in (("mine", "mine"), ("", "job_1")):
        told = of_job(
            EndWish(calculation_type="npv", calculation_id=name),
            owner="key:alice",
            job_id="job_1",
            cause="evt_1.3",
            type_=type_,
            told=JobEnded(attempt=1, error=ERROR),
        )
        assert told.message.startswith(f"npv {shown} ")
        assert told.message.endswith(": why")
        assert told.data == {
            "calculation_id": shown,
            "calculation_type": "npv",
            "job": "job_1",
        }
        assert told.type == f"calculation_{TOLD[type_].word}"


def test_the_levels_and_conditions_are_the_same_wherever_they_stand() -> None:
    (level,) = [
        get_args(each.annotation)
        for name, each in Notification.model_fields.items()
        if name == "level"
    ]
    assert set(level) == set(get_args(LevelName)) == set(Level)
    assert set(get_args(ConditionName)) == set(Condition)


def test_a_subject_with_a_path_is_known_by_its_id() -> None:
    owned = {"job": JOBS, "ep": WEBHOOKS, "thr": THRESHOLDS}
    forms = {prefix: each.id_form for prefix, each in owned.items()}
    forms["alt"] = ALERT_FORM
    assert set(forms) == set(PATHS)
    for prefix, form in forms.items():
        assert form.fullmatch(new_id(prefix))
