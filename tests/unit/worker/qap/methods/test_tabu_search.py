import numpy as np
import pytest

from worker.qap import IterationLimit, TargetObjective, solve
from worker.qap.qaplib import best_known, load


@pytest.mark.parametrize("name", ["nug12", "had12", "esc16a", "chr12b", "rou12"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_small_published_optima_are_reached(name: str, seed: int) -> None:
    target = best_known(name).value
    rules = [TargetObjective(target), IterationLimit(200_000)]
    result = solve(load(name), stop=rules, rng=np.random.default_rng(seed))
    assert result.objective == target


def test_the_parameters_steer_the_search() -> None:
    results = [
        solve(
            load("nug30"),
            stop=IterationLimit(500),
            rng=np.random.default_rng(1),
            parameters={"tenure": tenure},
        )
        for tenure in (0.1, 8, 100)
    ]
    assert len({tuple(result.permutation.tolist()) for result in results}) == 3
