import numpy as np
import pytest

from tests.unit.worker.qap.kinds import KINDS, optimum, random_instance
from worker.qap import IterationLimit, TargetObjective, solve
from worker.qap.methods.ant_colony import METHOD, lower_limit
from worker.qap.qaplib import best_known, load


@pytest.mark.parametrize("kind", KINDS)
def test_small_instances_of_every_kind_are_solved(kind: str) -> None:
    instance = random_instance(kind, 6, seed=5)
    rng = np.random.default_rng(1)
    result = solve(instance, METHOD.name, stop=IterationLimit(200), rng=rng)
    assert result.objective == pytest.approx(optimum(instance), rel=1e-12)


@pytest.mark.parametrize("name", ["nug15", "chr12b", "bur26a", "esc32e"])
def test_published_optima_are_reached(name: str) -> None:
    target = best_known(name).value
    rules = [TargetObjective(target), IterationLimit(5_000)]
    result = solve(load(name), METHOD.name, stop=rules, rng=np.random.default_rng(1))
    assert result.objective == target


def started(**parameters):
    return METHOD.start(load("nug20"), np.random.default_rng(3), parameters)


def test_pheromone_stays_between_its_limits() -> None:
    search = started()
    lowest, highest = [], []
    for _ in range(200):
        search.advance(1)
        lowest.append(search.pheromone.min())
        highest.append(search.pheromone.max())
    assert min(lowest) == search.lower_limit
    assert max(highest) == 1


def test_pheromone_grows_where_it_is_laid_and_evaporates_elsewhere() -> None:
    search = started(persistence=0.5)
    search.pheromone[:] = 0.4
    search.lay(np.arange(20))
    np.testing.assert_allclose(np.diagonal(search.pheromone), 0.7)
    others = search.pheromone[~np.eye(20, dtype=bool)]
    np.testing.assert_allclose(others, 0.2)


@pytest.mark.parametrize("certainty", [0.005, 0.05, 0.5])
def test_the_lower_limit_leaves_the_certainty_asked_for(certainty: float) -> None:
    # An ant that has n/2 locations to choose from at every step, as on average.
    n = 40
    least = lower_limit(n, certainty)
    step = 1 / (1 + (n / 2 - 1) * least)
    assert step**n == pytest.approx(certainty)


@pytest.mark.parametrize("order", [2, 3])
def test_the_lower_limit_of_the_smallest_is_one_at_most(order: int) -> None:
    assert 0 < lower_limit(order, 0.005) <= 1


def test_pheromone_is_set_anew_when_no_colony_improves() -> None:
    search = started(patience=3)
    search.advance(16)
    anew = 0
    for _ in range(400):
        search.advance(1)
        anew += bool((search.pheromone == 1).all())
    assert anew > 0


@pytest.mark.parametrize(
    "changed",
    [
        {"ants": 5},
        {"persistence": 0.5},
        {"certainty": 0.5},
        {"elite": 3},
        {"patience": 2},
        {"sweeps": 1},
    ],
    ids=str,
)
def test_the_parameters_steer_the_search(changed) -> None:
    usual, other = started(), started(**changed)
    for search in (usual, other):
        search.advance(100)
    assert not np.array_equal(usual.pheromone, other.pheromone)
