"""Progress that comes too fast is left out, the same way on every reading."""

from api.relay.subscription import Thinning
from db.contracts.event import EventDraft, EventType, Published


def told(at: float, job: str = "job_1") -> Published:
    draft = EventDraft("evt_1", EventType.JOB_PROGRESS, job, at, 1, "{}")
    return Published(job, 1, "e", draft.type, draft.render(1, "e"))


def left_out(*moments: float) -> list[bool]:
    thinning = Thinning()
    return [thinning.is_too_soon(told(moment)) for moment in moments]


def test_every_half_second_is_told() -> None:
    assert left_out(0.0, 0.5, 1.0, 1.49) == [False] * 4


def test_what_comes_sooner_is_left_out() -> None:
    assert left_out(0.0, 0.1, 0.4, 0.5, 0.6) == [False, True, True, False, True]


def test_a_clock_that_goes_back_silences_nobody() -> None:
    assert left_out(100.0, 1.0, 1.1, 1.6) == [False, False, True, False]


def test_each_job_counts_for_itself_until_its_end() -> None:
    thinning = Thinning()
    assert not thinning.is_too_soon(told(0.0, "job_1"))
    assert not thinning.is_too_soon(told(0.1, "job_2"))
    assert thinning.is_too_soon(told(0.2, "job_1"))
    thinning.forget("job_1")
    assert not thinning.is_too_soon(told(0.2, "job_1"))
