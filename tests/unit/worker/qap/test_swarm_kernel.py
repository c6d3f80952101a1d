import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from worker.qap.swarm_kernel import difference, move

PERMUTATIONS = st.integers(2, 12).flatmap(
    lambda n: st.tuples(*[st.permutations(range(n)).map(np.array)] * 3)
)


def cycles(permutation: np.ndarray) -> int:
    seen: set[int] = set()
    count = 0
    for start in range(permutation.size):
        count += start not in seen
        while start not in seen:
            seen.add(start)
            start = int(permutation[start])
    return count


@given(PERMUTATIONS)
def test_a_position_moved_by_the_difference_is_the_goal(three) -> None:
    position, goal, order = three
    swaps = np.zeros((position.size, 2), dtype=np.int64)
    count = difference(position, goal, order, swaps)
    assert count == position.size - cycles(np.argsort(position)[goal])
    move(position, swaps[:count])
    np.testing.assert_array_equal(position, goal)


@given(PERMUTATIONS, st.data())
def test_any_share_of_a_velocity_leads_to_a_permutation_nearer(three, data) -> None:
    position, goal, order = three
    swaps = np.zeros((position.size, 2), dtype=np.int64)
    count = difference(position, goal, order, swaps)
    some = data.draw(st.integers(0, count))
    move(position, swaps[:some])
    assert sorted(position) == list(range(position.size))
    assert difference(position, goal, order, swaps) == count - some


def test_moves_that_cancel_lead_back() -> None:
    position = np.array([2, 0, 1, 3])
    move(position, np.array([[0, 1], [2, 3], [2, 3], [1, 0]]))
    assert position.tolist() == [2, 0, 1, 3]
