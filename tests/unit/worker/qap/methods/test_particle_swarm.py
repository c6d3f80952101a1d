import numpy as np
import pytest

from tests.unit.worker.qap.kinds import KINDS, optimum, random_instance
from worker.qap import IterationLimit, TargetObjective, solve
from worker.qap.methods.particle_swarm import METHOD
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


def started(start=None, **parameters):
    return METHOD.start(load("nug20"), np.random.default_rng(3), parameters, start)


def test_every_position_is_a_permutation_and_no_velocity_too_long() -> None:
    search = started(inertia=1, particles=5, sweeps=0)
    for _ in range(200):
        search.advance(1)
        for particle in search.swarm:
            assert sorted(particle.position) == list(range(20))
            assert len(particle.velocity) <= 20


def test_a_particle_remembers_its_best() -> None:
    search = started(particles=5)
    for _ in range(100):
        search.advance(1)
        for particle in search.swarm:
            assert search.evaluate(particle.best) == particle.best_objective
            assert particle.best_objective <= search.evaluate(particle.position)
    assert min(p.best_objective for p in search.swarm) == search.objective


def test_drawn_to_the_ring_alone_a_swarm_agrees() -> None:
    search = started(particles=5, inertia=0, own=0, ring=4, sweeps=0, patience=9999)
    search.advance(5)
    leader = min(search.swarm, key=lambda particle: particle.best_objective)
    goal = leader.best.copy()
    place = search.swarm.index(leader)
    after = search.swarm[(place + 1) % 5]
    share = (after.position == goal).mean()
    search.advance(5)
    assert (after.position == goal).mean() > share


def test_a_swarm_that_finds_nothing_better_begins_anew() -> None:
    search = started(particles=3, patience=2)
    search.advance(3)
    leaders = []
    for _ in range(150):
        search.advance(1)
        leaders.append(min(particle.best_objective for particle in search.swarm))
    forgotten = np.flatnonzero(np.diff(leaders) > 0)
    assert forgotten.size
    assert search.objective == min(leaders)


def test_the_given_permutation_is_where_the_first_particle_starts() -> None:
    start = np.random.default_rng(8).permutation(20)
    search = started(start, sweeps=0)
    search.advance(1)
    np.testing.assert_array_equal(search.swarm[0].best, start)


@pytest.mark.parametrize(
    "changed",
    [
        {"particles": 7},
        {"neighbours": 0},
        {"inertia": 0},
        {"own": 2},
        {"ring": 0.1},
        {"patience": 1},
        {"sweeps": 1},
    ],
    ids=str,
)
def test_the_parameters_steer_the_search(changed) -> None:
    usual, other = started(), started(**changed)
    for search in (usual, other):
        search.advance(100)
    positions = [
        [particle.position.tolist() for particle in search.swarm]
        for search in (usual, other)
    ]
    assert positions[0] != positions[1]
