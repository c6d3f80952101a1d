import itertools

import numpy as np
import pytest

from tests.unit.worker.qap.kinds import KINDS, certified, optimum, random_instance
from worker.qap import (
    GapLimit,
    Instance,
    Interrupt,
    InvalidParameterError,
    InvalidPermutationError,
    IterationLimit,
    Observer,
    StallLimit,
    TargetObjective,
    Termination,
    TimeLimit,
    UnknownBoundError,
    UnknownMethodError,
    UnsupportedInstanceError,
    solve,
)
from worker.qap.qaplib import load


class Clock:
    """Time that passes by a fixed amount at every look."""

    def __init__(self, tick_s: float) -> None:
        self.now_s = 0.0
        self.tick_s = tick_s

    def __call__(self) -> float:
        self.now_s += self.tick_s
        return self.now_s


class Recorder(Observer):
    def __init__(self) -> None:
        self.calls: list[tuple] = []

    def on_start(self, instance, method_name) -> None:
        self.calls.append(("start", method_name))

    def on_incumbent(self, progress, permutation) -> None:
        self.calls.append(("incumbent", progress, permutation))

    def on_immigrant(self, progress, permutation) -> None:
        self.calls.append(("immigrant", progress, permutation))

    def on_bound(self, progress, bound_name) -> None:
        self.calls.append(("bound", progress, bound_name))

    def on_slice(self, progress) -> None:
        self.calls.append(("slice", progress))

    def on_end(self, result) -> None:
        self.calls.append(("end", result))

    def named(self, name: str) -> list[tuple]:
        return [call for call in self.calls if call[0] == name]


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", ["nug30", "bur26a", "esc32a", "tai25b"])
def test_one_seed_gives_one_answer_however_the_run_is_sliced(name: str) -> None:
    results = [
        solve(load(name), stop=IterationLimit(3000), rng=rng(), clock=Clock(tick_s))
        for tick_s in (1e-6, 0.003, 0.7)
    ]
    first = results[0]
    assert {r.iterations for r in results} == {3000}
    assert {r.objective for r in results} == {first.objective}
    for other in results[1:]:
        for field in ("iterations", "objectives"):
            np.testing.assert_array_equal(
                getattr(first.improvements, field), getattr(other.improvements, field)
            )
        np.testing.assert_array_equal(first.permutation, other.permutation)


def test_floats_too_give_one_answer_however_the_run_is_sliced() -> None:
    # Deltas are computed afresh every 20 n + 1000 iterations, twice here.
    instance = random_instance("float asymmetric linear", 12, seed=3)
    few, many = (
        solve(
            instance,
            stop=IterationLimit(3000),
            rng=rng(),
            clock=Clock(tick_s),
            bounds=(),
        )
        for tick_s in (1e-6, 0.7)
    )
    assert few.objective == many.objective
    np.testing.assert_array_equal(
        few.improvements.iterations, many.improvements.iterations
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", [2, 3, 5])
def test_small_instances_are_solved_to_their_optimum(kind: str, order: int) -> None:
    instance = random_instance(kind, order, seed=order)
    result = solve(
        instance, stop=IterationLimit(400), rng=rng(), bounds=("gilmore_lawler",)
    )
    assert result.objective == pytest.approx(optimum(instance), rel=1e-12)
    assert result.bound is not None
    assert result.bound <= result.objective + 1e-9 * abs(result.objective)


def test_the_objective_of_a_result_is_certified_and_ends_its_improvements() -> None:
    instance = load("tai25b")
    result = solve(instance, stop=IterationLimit(500), rng=rng())
    assert result.objective == certified(instance, result.permutation)
    assert result.improvements.objectives[-1] == result.objective
    assert (np.diff(result.improvements.objectives) < 0).all()
    assert (np.diff(result.improvements.iterations) > 0).all()


def test_a_resumed_run_is_never_worse_than_its_start() -> None:
    instance = load("nug12")
    start = solve(instance, stop=TargetObjective(578), rng=rng()).permutation
    result = solve(instance, stop=IterationLimit(1), rng=rng(2), start=start)
    assert result.objective == 578


def test_the_incumbent_never_rises_and_the_bound_never_falls() -> None:
    recorder = Recorder()
    solve(load("nug20"), stop=IterationLimit(2000), rng=rng(), observer=recorder)
    objectives = [call[1].objective for call in recorder.named("incumbent")]
    assert all(a > b for a, b in itertools.pairwise(objectives))
    bounds = [call[1].bound for call in recorder.named("bound")]
    assert all(a < b for a, b in itertools.pairwise(bounds))
    assert bounds


def test_the_observer_hears_the_start_first_and_the_end_last() -> None:
    recorder = Recorder()
    result = solve(
        load("nug12"), stop=IterationLimit(200), rng=rng(), observer=recorder
    )
    names = [call[0] for call in recorder.calls]
    assert (names[0], names[1], names[-1]) == ("start", "incumbent", "end")
    assert names.count("start") == names.count("end") == 1
    assert recorder.calls[-1][1] is result
    assert "slice" in names


def test_what_the_observer_gets_is_its_own() -> None:
    class Spoiler(Observer):
        def on_incumbent(self, progress, permutation) -> None:
            permutation[:] = 0

    instance = load("nug12")
    result = solve(instance, stop=IterationLimit(50), rng=rng(), observer=Spoiler())
    assert result.objective == certified(instance, result.permutation)


@pytest.mark.parametrize("reason", ["cancelled", "deadline", "interrupted"])
def test_an_interrupt_ends_the_run_and_keeps_the_incumbent(reason: str) -> None:
    polls = itertools.count()

    def poll() -> Termination | None:
        return Termination(reason) if next(polls) >= 5 else None

    instance = load("nug30")
    result = solve(instance, stop=[Interrupt(poll), TimeLimit(60)], rng=rng())
    assert result.termination == reason
    assert result.objective == certified(instance, result.permutation)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (TimeLimit(2), "time_limit"),
        (StallLimit(3), "stalled"),
        (TargetObjective(7000), "target"),
        (GapLimit(0.5), "gap"),
        (IterationLimit(7), "iteration_limit"),
    ],
)
def test_each_rule_ends_a_run_under_its_own_name(rule, reason: str) -> None:
    result = solve(load("nug30"), stop=rule, rng=rng(), clock=Clock(0.1))
    assert result.termination == reason


def test_an_interrupt_is_asked_before_every_slice_of_search_and_of_bounds() -> None:
    recorder, asked = Recorder(), []

    def poll() -> Termination | None:
        asked.append(len(recorder.calls))
        return Termination.CANCELLED if len(asked) == 20 else None

    rng = np.random.default_rng(1)
    solve(load("nug30"), stop=Interrupt(poll), rng=rng, observer=recorder)
    slices = [call for call in recorder.calls if call[0] == "slice"]
    # Twice each round; the last question comes in the middle of the tenth.
    assert len(slices) == 10


def test_of_several_rules_that_hold_the_first_is_named() -> None:
    rules = [TargetObjective(10**9), TimeLimit(0)]
    for ordered in (rules, rules[::-1]):
        result = solve(load("nug12"), stop=ordered, rng=rng())
        expected = "target" if ordered is rules else "time_limit"
        assert result.termination == expected


def test_a_run_ends_as_optimal_when_the_objective_meets_the_bound() -> None:
    result = solve(load("esc16f"), stop=(), rng=rng())
    assert (result.termination, result.objective, result.bound) == ("optimal", 0, 0)
    assert result.bound_name == "trivial"


def test_a_bound_is_told_as_an_objective_that_the_instance_can_have() -> None:
    # Gilmore-Lawler gives 493, but every objective of nug12 is even.
    result = solve(
        load("nug12"), stop=IterationLimit(2000), rng=rng(), bounds=["gilmore_lawler"]
    )
    assert result.bound == 494


def test_an_objective_is_optimal_when_none_below_it_is_possible() -> None:
    # All objectives are multiples of 10, and the bound 583 is above 580.
    flow = np.array([[0, 5, 0], [5, 0, 5], [0, 5, 0]])
    distance = np.array([[0, 1, 2], [1, 0, 2], [2, 2, 0]])
    instance = Instance(flow, distance)
    result = solve(
        instance, stop=IterationLimit(100), rng=rng(), bounds=["gilmore_lawler"]
    )
    assert result.termination == "optimal"
    assert result.bound == result.objective == optimum(instance)


def test_all_bounds_that_apply_are_computed_unless_some_are_named() -> None:
    recorder = Recorder()
    # Only dual ascent closes this gap; the iterations are there to end a failure.
    stop = [GapLimit(0.12), IterationLimit(50_000_000)]
    result = solve(load("nug12"), stop=stop, rng=rng(), observer=recorder)
    names = list(dict.fromkeys(name for _, _, name in recorder.named("bound")))
    assert names == ["trivial", "gilmore_lawler", "dual_ascent"]
    assert result.bound_name == "dual_ascent"


def test_beside_an_exact_method_no_bound_is_computed_unless_named() -> None:
    instance = Instance.from_costs(np.random.default_rng(1).integers(0, 99, (9, 9)))
    recorder = Recorder()
    solve(instance, "linear_assignment", stop=(), rng=rng(), observer=recorder)
    assert {name for _, _, name in recorder.named("bound")} == {"linear_assignment"}


def test_without_bounds_nothing_is_proven() -> None:
    result = solve(load("esc16f"), stop=IterationLimit(5), rng=rng(), bounds=())
    assert (result.bound, result.bound_name) == (None, None)
    assert result.termination == "iteration_limit"


def test_a_method_that_proves_its_answer_needs_no_rule() -> None:
    instance = Instance.from_costs(np.random.default_rng(1).integers(0, 99, (9, 9)))
    result = solve(instance, "linear_assignment", stop=(), rng=rng())
    assert (result.termination, result.bound_name) == ("optimal", "linear_assignment")
    assert result.bound == result.objective


def test_floats_are_optimal_up_to_rounding() -> None:
    instance = Instance.from_costs(np.random.default_rng(1).random((9, 9)))
    result = solve(instance, "linear_assignment", stop=(), rng=rng())
    assert result.termination == "optimal"


def test_the_bound_takes_turns_with_the_search() -> None:
    entries = np.random.default_rng(1).integers(0, 9, (2, 60, 60))
    recorder = Recorder()
    solve(
        Instance(*entries),
        stop=IterationLimit(400),
        rng=rng(),
        clock=Clock(0.1),
        observer=recorder,
        bounds=["gilmore_lawler"],
    )
    ((_, progress, _),) = recorder.named("bound")
    assert 0 < progress.iterations < 400


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"method": "tabu"}, UnknownMethodError),
        ({"bounds": ("gilmore",)}, UnknownBoundError),
        ({"bounds": ("dual_ascent",), "on": "sko49"}, UnsupportedInstanceError),
        ({"method": "linear_assignment"}, UnsupportedInstanceError),
        ({"parameters": {"tenur": 1}}, InvalidParameterError),
        ({"parameters": {"tenure": 1e9}}, InvalidParameterError),
        ({"start": [0, 1]}, InvalidPermutationError),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(arguments, error) -> None:
    arguments = {"on": "nug12"} | arguments
    instance = load(arguments.pop("on"))
    with pytest.raises(error):
        solve(instance, **arguments, stop=IterationLimit(1), rng=rng())


def test_a_run_of_order_1000_can_be_stopped_while_it_prepares() -> None:
    entries = np.random.default_rng(1).integers(0, 9, (2, 1000, 1000))
    polls = itertools.count()

    def poll() -> Termination | None:
        return Termination.CANCELLED if next(polls) >= 2 else None

    result = solve(Instance(*entries), stop=Interrupt(poll), rng=rng())
    assert (result.termination, result.iterations) == ("cancelled", 0)


def best_of_nug12() -> np.ndarray:
    rng = np.random.default_rng(1)
    stop = TargetObjective(578)
    return solve(load("nug12"), "memetic", stop=stop, rng=rng).permutation


def test_a_better_immigrant_becomes_the_incumbent() -> None:
    given, recorder = best_of_nug12(), Recorder()
    result = solve(
        load("nug12"),
        "memetic",
        stop=IterationLimit(1),
        rng=np.random.default_rng(2),
        observer=recorder,
        bounds=(),
        immigrants=lambda: given,
    )
    assert result.objective == 578
    np.testing.assert_array_equal(result.permutation, given)
    ((_, progress, permutation),) = recorder.named("immigrant")
    assert progress.objective == 578
    np.testing.assert_array_equal(permutation, given)
    # What the search has found itself is another matter.
    assert result.improvements.objectives[-1] > 578


def test_a_target_that_an_immigrant_reaches_is_reached() -> None:
    result = solve(
        load("nug12"),
        "memetic",
        stop=[TargetObjective(578), IterationLimit(10**9)],
        rng=np.random.default_rng(2),
        immigrants=best_of_nug12,
    )
    assert (result.termination, result.iterations) == (Termination.TARGET, 0)


@pytest.mark.parametrize("method", ["memetic", "iterated_tabu", "auto", "tabu_search"])
def test_a_run_that_nobody_joins_is_the_same_as_one_alone(method: str) -> None:
    worse = np.arange(12)
    runs = [
        solve(
            load("nug12"),
            method,
            stop=IterationLimit(3000),
            rng=np.random.default_rng(2),
            bounds=(),
            immigrants=immigrants,
        )
        for immigrants in (None, lambda: None)
    ]
    for name in ("iterations", "objectives"):
        alone, joined = (getattr(run.improvements, name) for run in runs)
        np.testing.assert_array_equal(alone, joined)
    heard = solve(
        load("nug12"),
        method,
        stop=IterationLimit(3000),
        rng=np.random.default_rng(2),
        immigrants=lambda: worse,
    )
    assert heard.objective <= runs[0].improvements.objectives[0]


@pytest.mark.parametrize("given", [[0] * 12, list(range(11)), [0.5] * 12])
def test_an_immigrant_that_is_no_permutation_is_refused(given: list[float]) -> None:
    with pytest.raises(InvalidPermutationError):
        solve(
            load("nug12"),
            "memetic",
            stop=IterationLimit(9),
            rng=np.random.default_rng(2),
            immigrants=lambda: given,
        )
