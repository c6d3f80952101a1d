import numpy as np

from tests.unit.worker.qap.kinds import certified, random_instance
from worker.qap import Improvements
from worker.qap.incumbent import Incumbent

INSTANCE = random_instance("asymmetric", 6, seed=3)
PERMUTATIONS = sorted(
    (np.random.default_rng(seed).permutation(6) for seed in range(40)),
    key=lambda p: -certified(INSTANCE, p),
)
VALUES = [certified(INSTANCE, p) for p in PERMUTATIONS]


def test_only_a_better_permutation_is_taken() -> None:
    incumbent = Incumbent(INSTANCE, PERMUTATIONS[10])
    assert not incumbent.offer(PERMUTATIONS[0], VALUES[0], 1)
    assert not incumbent.offer(PERMUTATIONS[10], VALUES[10], 1)
    assert incumbent.offer(PERMUTATIONS[-1], VALUES[-1], 2)
    np.testing.assert_array_equal(incumbent.permutation, PERMUTATIONS[-1])
    assert incumbent.objective == VALUES[-1]
    assert incumbent.improvements.iterations.tolist() == [0, 2]


def test_a_wrong_claim_is_not_believed() -> None:
    incumbent = Incumbent(INSTANCE, PERMUTATIONS[-1])
    assert not incumbent.offer(PERMUTATIONS[0], VALUES[-1] - 5, 1)
    assert incumbent.objective == VALUES[-1]


def test_of_two_in_one_iteration_the_better_is_recorded() -> None:
    incumbent = Incumbent(INSTANCE, PERMUTATIONS[0])
    for k in (10, 20):
        incumbent.offer(PERMUTATIONS[k], VALUES[k], 7)
    assert incumbent.improvements.iterations.tolist() == [0, 7]
    assert incumbent.improvements.objectives.tolist() == [VALUES[0], VALUES[20]]


def test_what_it_was_given_may_change_afterwards() -> None:
    start = PERMUTATIONS[0].copy()
    incumbent = Incumbent(INSTANCE, start)
    start[:] = 0
    incumbent.permutation[:] = 0
    np.testing.assert_array_equal(incumbent.permutation, PERMUTATIONS[0])


def test_an_inner_search_is_followed_from_where_it_gets_better() -> None:
    incumbent = Incumbent(INSTANCE, PERMUTATIONS[20])
    worse, better, best = VALUES[5], VALUES[25], VALUES[-1]
    inner = Improvements(np.array([0, 3, 8]), np.array([worse, better, best]))
    assert incumbent.follow(PERMUTATIONS[-1], inner, offset=100)
    assert not incumbent.follow(PERMUTATIONS[-1], inner, offset=100)
    assert incumbent.improvements.iterations.tolist() == [0, 103, 108]
    assert incumbent.improvements.objectives.tolist() == [VALUES[20], better, best]


def test_at_most_ten_thousand_improvements_are_kept() -> None:
    instance = random_instance("float", 6, seed=3)
    worst, *_, best = sorted(PERMUTATIONS, key=lambda p: -certified(instance, p))
    incumbent = Incumbent(instance, worst)
    falling = np.linspace(incumbent.objective, certified(instance, best), 20_000)
    assert incumbent.follow(best, Improvements(np.arange(20_000), falling), offset=0)
    improvements = incumbent.improvements
    assert improvements.iterations.size == 10_000
    assert improvements.iterations[-1] == 19_999
    assert improvements.objectives[-1] == incumbent.objective
