import numpy as np
import pytest

from worker.qap import IterationLimit, TargetObjective, solve
from worker.qap.qaplib import best_known, load


@pytest.mark.parametrize("name", ["nug12", "had12", "esc16a", "rou12"])
@pytest.mark.parametrize("seed", [0, 1])
def test_small_published_optima_are_reached(name: str, seed: int) -> None:
    target = best_known(name).value
    rules = [TargetObjective(target), IterationLimit(4_000_000)]
    rng = np.random.default_rng(seed)
    result = solve(load(name), "simulated_annealing", stop=rules, rng=rng)
    assert result.objective == target


def test_the_parameters_steer_the_search() -> None:
    results = [
        solve(
            load("nug30"),
            "simulated_annealing",
            stop=IterationLimit(200_000),
            rng=np.random.default_rng(1),
            parameters=parameters,
        )
        for parameters in ({}, {"sweeps": 3}, {"sweeps": 3, "growth": 5}, {"heat": 1})
    ]
    assert len({tuple(result.permutation.tolist()) for result in results}) == 4
