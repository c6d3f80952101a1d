from itertools import permutations

import numpy as np

from worker.qap.population import Population

EVERY = [np.array(p) for p in permutations(range(4))]


def filled(*objectives: float) -> Population:
    population = Population(len(objectives))
    for permutation, objective in zip(EVERY, objectives, strict=False):
        assert population.offer(permutation, objective)
    return population


def test_a_duplicate_is_refused_whatever_it_claims() -> None:
    population = filled(5, 3, 8)
    assert not population.offer(EVERY[1].copy(), 1)
    assert population.objectives == [5, 3, 8]


def test_a_better_one_displaces_the_worst() -> None:
    population = filled(5, 3, 8)
    assert population.offer(EVERY[9], 4)
    assert population.objectives == [5, 3, 4]
    np.testing.assert_array_equal(population.members[2], EVERY[9])


def test_one_no_better_than_the_worst_is_refused() -> None:
    population = filled(5, 3, 8)
    assert not population.offer(EVERY[9], 8)
    assert len(population) == 3


def test_who_was_displaced_may_come_back() -> None:
    population = filled(5, 3, 8)
    population.offer(EVERY[9], 4)
    assert population.offer(EVERY[2], 2)


def test_while_there_is_room_anyone_new_is_taken() -> None:
    population = Population(2)
    assert [population.offer(EVERY[k], 10 * k) for k in (0, 0, 1)] == [
        True,
        False,
        True,
    ]
    assert population.is_full


def test_only_the_best_is_kept() -> None:
    population = filled(5, 3, 8)
    population.keep_best()
    assert population.objectives == [3]
    np.testing.assert_array_equal(population.members, [EVERY[1]])
    assert population.offer(EVERY[0], 5)
    assert not population.offer(EVERY[1], 3)


def test_more_rivals_select_better_members() -> None:
    population = filled(*range(10, 30))
    rng = np.random.default_rng(1)
    means = [
        np.mean([population.select(rng, rivals) for _ in range(500)])
        for rivals in (1, 2, 8)
    ]
    # The best of k uniform draws from 0..19 has a mean of about 20 / (k + 1) - 1/2.
    np.testing.assert_allclose(means, [9.5, 6.2, 1.8], atol=0.6)
