import numpy as np

from worker.qap.elite import Elite


def test_the_worst_gives_way_to_a_better_one() -> None:
    elite, rng = Elite(3), np.random.default_rng(1)
    for value in (5, 3, 9, 7, 1):
        elite.offer(rng.permutation(20), value)
    assert sorted(elite.values) in ([1, 3, 5], [1, 3, 7], [1, 3, 9], [1, 5, 7])
    assert min(elite.values) == 1


def test_one_not_better_than_the_worst_stays_out() -> None:
    elite = Elite(1)
    assert elite.offer(np.array([0, 1, 2]), 4)
    assert not elite.offer(np.array([2, 1, 0]), 4)


def test_of_the_worse_the_most_alike_leaves() -> None:
    elite = Elite(2)
    elite.offer(np.array([0, 1, 2, 3]), 8)
    elite.offer(np.array([3, 2, 1, 0]), 9)
    assert elite.offer(np.array([1, 0, 2, 3]), 5)
    assert elite.values == [5, 9]


def test_no_permutation_is_in_it_twice() -> None:
    elite, rng = Elite(4), np.random.default_rng(2)
    for value in range(200, 0, -1):
        elite.offer(rng.permutation(4), value)
    assert len({tuple(p) for p in elite.permutations}) == 4


def test_it_keeps_copies() -> None:
    elite, given = Elite(1), np.arange(3)
    elite.offer(given, 1)
    given[:] = 0
    assert elite.draw(np.random.default_rng(1)).tolist() == [0, 1, 2]
