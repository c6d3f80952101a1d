"""What beat starts, in Celery's form."""

from schedules import beat
from schedules.beat import SCHEDULES, Schedule, beat_schedule


def test_every_schedule_is_told_to_celery() -> None:
    assert set(beat_schedule()) == set(SCHEDULES)


def test_a_tick_that_waited_for_longer_than_its_period_is_dropped() -> None:
    schedule = Schedule("tick", 5.0, "module:function", "Tick.")
    assert schedule.task == "schedules.tick"
    told = beat.beat_schedule()["rescue"]
    assert told["options"]["expires"] == told["schedule"]
    assert told["options"]["queue"] == "schedules"
