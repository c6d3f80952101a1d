import pytest

from worker.qap import (
    GapLimit,
    Interrupt,
    InvalidParameterError,
    IterationLimit,
    Progress,
    SameEnd,
    StallLimit,
    TargetObjective,
    Termination,
    TimeLimit,
)


def progress(**changes) -> Progress:
    values = {
        "iterations": 10,
        "elapsed_s": 5.0,
        "objective": 100,
        "bound": 90,
        "last_improvement_s": 3.0,
    }
    return Progress(**(values | changes))


@pytest.mark.parametrize(
    ("rule", "before", "at", "reason"),
    [
        (TimeLimit(6), {"elapsed_s": 5.999}, {"elapsed_s": 6.0}, "time_limit"),
        (IterationLimit(11), {"iterations": 10}, {"iterations": 11}, "iteration_limit"),
        (SameEnd(11, 100), {"iterations": 10}, {"iterations": 11}, "iteration_limit"),
        (SameEnd(10, 99), {"objective": 100}, {"objective": 99}, "iteration_limit"),
        (SameEnd(10, 99), {"iterations": 10}, {"iterations": 11}, "iteration_limit"),
        (TargetObjective(99), {"objective": 100}, {"objective": 99}, "target"),
        (GapLimit(0.05), {"bound": 94}, {"bound": 95}, "gap"),
        (GapLimit(0), {"bound": None}, {"bound": 100}, "gap"),
        (
            StallLimit(2.5),
            {"last_improvement_s": 2.6},
            {"last_improvement_s": 2.5},
            "stalled",
        ),
    ],
)
def test_a_rule_ends_the_run_at_its_boundary_and_not_before(
    rule, before, at, reason
) -> None:
    assert rule(progress(**before)) is None
    assert rule(progress(**at)) == Termination(reason)


@pytest.mark.parametrize("reason", [None, *Termination])
def test_an_interrupt_says_what_its_poll_says(reason) -> None:
    assert Interrupt(lambda: reason)(progress()) is reason


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (TimeLimit, -1),
        (TimeLimit, float("nan")),
        (IterationLimit, 0),
        (lambda iterations: SameEnd(iterations, 0), -1),
        (GapLimit, -0.1),
        (StallLimit, -1),
    ],
)
def test_a_limit_outside_its_domain_is_refused(rule, value) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        rule(value)
    assert caught.value.pointer[0] == "stop"
