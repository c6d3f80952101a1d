import numpy as np
import pytest

from tests.unit.worker.qap.kinds import KINDS, optimum, random_instance
from worker.qap import IterationLimit, TargetObjective, solve
from worker.qap.methods.genetic_algorithm import METHOD
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
    instance = load("nug20")
    return METHOD.start(instance, np.random.default_rng(3), parameters)


def test_no_two_members_are_the_same() -> None:
    search = started(population=12)
    for _ in range(300):
        search.advance(1)
        members = search.population.members
        assert len({member.tobytes() for member in members}) == len(members)


def test_the_population_never_gets_worse_before_immigrants_come() -> None:
    search = started(population=12)
    search.advance(12)
    while not search.population.is_full:
        search.advance(1)
    worst = max(search.population.objectives)
    for _ in range(60):
        search.advance(1)
        assert max(search.population.objectives) <= worst
        worst = max(search.population.objectives)


def test_immigrants_find_the_best_member_at_its_place() -> None:
    search = started(population=4, patience=1)
    sizes = []
    for _ in range(400):
        search.advance(1)
        sizes.append(len(search.population))
        assert min(search.population.objectives) == search.objective
    assert 2 in sizes[5:]


def test_the_given_permutation_is_the_first_member() -> None:
    start = np.random.default_rng(8).permutation(20)
    search = METHOD.start(load("nug20"), np.random.default_rng(3), {"sweeps": 0}, start)
    search.advance(1)
    np.testing.assert_array_equal(search.population.members, [start])


@pytest.mark.parametrize(
    "changed",
    [{"population": 10}, {"tournament": 9}, {"mutation": 0}, {"sweeps": 1}],
    ids=str,
)
def test_the_parameters_steer_the_search(changed) -> None:
    # Later than the first descents, which none of the first three has a part in.
    usual, other = started(), started(**changed)
    for search in (usual, other):
        search.advance(100)
    members = [
        {member.tobytes() for member in search.population.members}
        for search in (usual, other)
    ]
    assert members[0] != members[1]
