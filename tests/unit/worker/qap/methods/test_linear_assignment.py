import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from tests.unit.worker.qap.kinds import optimum
from worker.qap import InexactInstanceError, Instance, IterationLimit, solve


def run(instance: Instance, **arguments):
    rng = np.random.default_rng(1)
    arguments = {"stop": IterationLimit(5)} | arguments
    return solve(instance, "linear_assignment", rng=rng, **arguments)


@pytest.mark.parametrize("order", [2, 3, 40])
def test_the_answer_is_that_of_scipy(order: int) -> None:
    costs = np.random.default_rng(order).integers(-50, 50, (order, order))
    result = run(Instance.from_costs(costs))
    rows, columns = linear_sum_assignment(costs)
    assert result.objective == result.bound == costs[rows, columns].sum()
    assert (result.termination, result.iterations) in {("optimal", 1), ("optimal", 0)}


def test_diagonals_count_as_linear_costs() -> None:
    rng = np.random.default_rng(1)
    flow = np.diag(rng.integers(-9, 9, 5))
    instance = Instance(flow, rng.integers(0, 9, (5, 5)), rng.integers(0, 9, (5, 5)))
    assert instance.is_linear
    assert run(instance).objective == optimum(instance)


def test_integers_that_float64_could_round_are_refused() -> None:
    with pytest.raises(InexactInstanceError):
        run(Instance.from_costs([[2**52, 0], [1, 2**52]]))


def test_an_optimal_start_is_kept() -> None:
    instance = Instance.from_costs([[1, 1], [1, 1]])
    result = run(instance, start=[1, 0])
    assert result.permutation.tolist() == [1, 0]
    assert result.improvements.iterations.tolist() == [0]
