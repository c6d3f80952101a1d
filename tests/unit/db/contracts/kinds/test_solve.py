"""What a request to solve may say, and where it is queued."""

import pytest
from pydantic import ValidationError

from db.contracts.job_kind import Queue
from db.contracts.kinds.solve import (
    DEFAULT_SECONDS,
    Limits,
    SolveRequest,
    choose_queue,
)


def test_without_limits_a_solve_ends_after_a_minute() -> None:
    assert SolveRequest(instance="0" * 64, order=4).limits.time_s == DEFAULT_SECONDS


@pytest.mark.parametrize("limit", ["target_objective", "gap"])
def test_a_limit_that_may_never_be_reached_gets_a_time_limit(limit: str) -> None:
    assert Limits.model_validate({limit: 0}).time_s == DEFAULT_SECONDS


@pytest.mark.parametrize("limit", ["iterations", "stall_s", "deadline_s"])
def test_a_limit_that_ends_every_run_needs_no_other(limit: str) -> None:
    assert Limits.model_validate({limit: 1}).time_s is None


def test_reading_limits_again_adds_nothing() -> None:
    limits = Limits(iterations=5)
    assert Limits.model_validate_json(limits.model_dump_json()) == limits


@pytest.mark.parametrize(
    "limits",
    [
        {"time_s": 0},
        {"time_s": 86_401},
        {"iterations": 0},
        {"gap": 1.1},
        {"gap": float("nan")},
        {"target_objective": float("inf")},
        {"deadline_s": -1},
        {"seconds": 5},
    ],
)
def test_limits_out_of_their_domains_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Limits.model_validate(limits)


@pytest.mark.parametrize("instance", ["", "0" * 63, "G" * 64, "0" * 64 + "\n"])
def test_an_instance_is_named_by_its_hash(instance: str) -> None:
    with pytest.raises(ValidationError):
        SolveRequest(instance=instance, order=4)


@pytest.mark.parametrize(
    ("limits", "queue"),
    [
        (Limits(time_s=10), Queue.INTERACTIVE),
        (Limits(time_s=10.5), Queue.STANDARD),
        (Limits(time_s=600), Queue.STANDARD),
        (Limits(time_s=601), Queue.BULK),
        (Limits(iterations=5), Queue.STANDARD),
        (Limits(stall_s=5), Queue.BULK),
    ],
)
def test_the_queue_is_chosen_by_how_long_it_may_take(
    limits: Limits, queue: Queue
) -> None:
    request = SolveRequest(instance="0" * 64, order=4, limits=limits)
    assert choose_queue(request) is queue
