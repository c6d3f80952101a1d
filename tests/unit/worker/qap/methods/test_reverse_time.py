import numpy as np
import pytest

from worker.qap import METHODS, IterationLimit, TargetObjective, objective, solve
from worker.qap.qaplib import best_known, load


@pytest.mark.parametrize("name", ["nug12", "scr12", "esc16a"])
def test_small_published_optima_are_reached(name: str) -> None:
    target = best_known(name).value
    rules = [TargetObjective(target), IterationLimit(8_000)]
    rng = np.random.default_rng(1)
    assert solve(load(name), "reverse_time", stop=rules, rng=rng).objective == target


def test_it_is_near_the_optimum_of_nug30_after_a_thousand_steps() -> None:
    rng = np.random.default_rng(3)
    result = solve(
        load("nug30"), "reverse_time", stop=IterationLimit(1000), rng=rng, bounds=()
    )
    assert result.objective <= 1.02 * best_known("nug30").value


def end_of(generator):
    """Return what a generator returns at its end."""
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


def ends(kick: float, most: int) -> set[tuple[int, ...]]:
    """Return where five ways out of one permutation of nug12 lead."""
    instance = load("nug12")
    rng = np.random.default_rng(5)
    search = METHODS["reverse_time"].start(instance, rng, {"kick": kick})
    end_of(search.prepare())
    here, value = end_of(search.descend(rng.permutation(12)))
    assert value == objective(instance, here)
    found = set()
    for _ in range(5):
        end_of(search.escape(here, most))
        end_of(search.cool(0.4, 0.1, 12))
        found.add(tuple(end_of(search.settle())[0].tolist()))
    return found


def test_a_longer_time_backwards_leads_into_other_basins() -> None:
    brief, long = ends(0.001, 1), ends(0.001, 60)
    assert len(brief) == 1
    assert len(long) > 1


def test_it_ends_beyond_the_ridge_if_there_is_time() -> None:
    search = METHODS["reverse_time"].start(load("nug12"), np.random.default_rng(2))
    end_of(search.prepare())
    curvature = end_of(search.escape(search.permutation, 200))
    assert curvature < 0
