"""Velocities as sequences of swaps, and what can be done with them."""

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel


@kernel
def difference(
    position: IntVector, goal: IntVector, order: IntVector, swaps: AnyArray
) -> int:
    """Write the swaps that lead from `position` to `goal`; return how many.

    Shapes ``(n,)``, but ``(n, 2)`` for `swaps`: rows of two facilities. Facilities
    come to agree with `goal` in `order`; there are as many swaps as needed, n less
    the number of cycles.
    """
    current, at = position.copy(), np.empty(position.size, np.int64)
    for i in range(current.size):
        at[current[i]] = i
    count = 0
    for i in order:
        j = at[goal[i]]
        if i != j:
            swaps[count, 0], swaps[count, 1] = i, j
            count += 1
            current[i], current[j] = current[j], current[i]
            at[current[i]], at[current[j]] = i, j
    return count


@kernel
def move(position: IntVector, swaps: AnyArray) -> None:
    """Swap in `position` the pairs of facilities in the rows of `swaps`, in turn."""
    for k in range(len(swaps)):
        i, j = swaps[k]
        position[i], position[j] = position[j], position[i]


def warm_up_swarm() -> None:
    """Compile the kernels."""
    position, swaps = np.arange(2), np.zeros((2, 2), dtype=np.int64)
    move(position, swaps[: difference(position, position, position, swaps)])
