import numpy as np
import pytest

from worker.qap import IterationLimit, TargetObjective, certify, solve
from worker.qap.methods.grasp_path_relinking import GraspPathRelinking
from worker.qap.neighbourhood import neighbourhood
from worker.qap.qaplib import best_known, load


@pytest.mark.parametrize("name", ["nug12", "had12", "esc16a", "rou12"])
def test_small_published_optima_are_reached(name: str) -> None:
    target = best_known(name).value
    rules = [TargetObjective(target), IterationLimit(2_000_000)]
    rng = np.random.default_rng(1)
    result = solve(load(name), "grasp_path_relinking", stop=rules, rng=rng)
    assert result.objective == target


def test_the_elite_knows_its_objectives_and_the_incumbent_is_one_of_it() -> None:
    instance = load("nug20")
    search = GraspPathRelinking(
        instance,
        neighbourhood(instance),
        np.random.default_rng(1),
        np.arange(20),
        greed=0.7,
        elite_size=5,
    )
    while search.iterations < 50_000:
        search.advance(5_000)
    elite = search._elite
    assert len(elite.values) == 5
    for permutation, value in zip(elite.permutations, elite.values, strict=True):
        assert value == certify(
            instance.flow, instance.distance, instance.linear, permutation
        )
    assert min(elite.values) == search.objective
