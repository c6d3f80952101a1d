import numpy as np
import pytest
from hypothesis import given, settings

from tests.unit.worker.qap.kinds import instances, optimum, random_instance
from worker.qap import (
    METHODS,
    Instance,
    IterationLimit,
    UnsupportedInstanceError,
    solve,
)
from worker.qap.qaplib import best_known, load

NO_TABOO = {"swaps": 0}


def prove(instance: Instance, seed: int = 1, **arguments):
    rng = np.random.default_rng(seed)
    return solve(instance, "exact", stop=(), rng=rng, bounds=(), **arguments)


@settings(max_examples=40)
@given(instances(max_order=6))
def test_a_run_ends_optimal_with_the_least_objective(instance) -> None:
    result = prove(instance, parameters=NO_TABOO)
    assert result.termination == "optimal"
    assert result.objective == pytest.approx(optimum(instance), rel=1e-9)
    if instance.is_exact:
        assert result.bound == result.objective
        assert result.bound_name == "exact"


@pytest.mark.parametrize("name", ["nug12", "rou12", "chr15a", "esc16b", "had12"])
def test_published_optima_are_proven(name: str) -> None:
    result = prove(load(name))
    assert result.termination == "optimal"
    assert result.objective == result.bound == best_known(name).value


def test_the_start_is_the_first_incumbent() -> None:
    instance = load("nug12")
    best = prove(instance).permutation
    result = prove(instance, start=best, parameters=NO_TABOO)
    np.testing.assert_array_equal(result.permutation, best)
    assert result.improvements.objectives.tolist() == [578]


@pytest.mark.parametrize("kind", ["asymmetric linear", "float asymmetric linear"])
def test_bound_and_closed_share_never_fall(kind: str) -> None:
    instance = random_instance(kind, 10, seed=3)
    search = METHODS["exact"].start(instance, np.random.default_rng(1), NO_TABOO)
    shares, bounds = [search.closed_share], []
    while not search.finished:
        search.advance(1)
        shares.append(search.closed_share)
        if search.bound is not None:
            bounds.append(search.bound)
    assert (np.diff(shares) >= 0).all()
    assert shares[0] == 0
    assert shares[-1] == 1
    assert len({*shares}) > 3
    assert (np.diff(bounds) >= 0).all()
    assert bounds[-1] <= search.objective


def test_improvements_do_not_depend_on_slices() -> None:
    traces = []
    for portion in (1, 7, 10**6):
        search = METHODS["exact"].start(
            load("nug12"), np.random.default_rng(3), {"swaps": 1}
        )
        total = 0
        while not search.finished:
            total += search.advance(portion)
        traces.append([*search.improvements.iterations, total])
        assert search.improvements.iterations[-1] <= total
    assert traces[0] == traces[1] == traces[2]


def test_large_orders_are_refused() -> None:
    reason = METHODS["exact"].supports(load("nug30"))
    assert reason is None
    with pytest.raises(UnsupportedInstanceError, match="at most 40 facilities"):
        solve(
            load("sko42"), "exact", stop=IterationLimit(1), rng=np.random.default_rng(1)
        )
