"""How an ant builds a permutation from pheromone."""

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel


@kernel
def construct(pheromone: AnyArray, order: IntVector, draws: AnyArray) -> IntVector:
    """Return a permutation, built facility by facility.

    Shapes ``(n, n)``, float64, all positive; ``(n,)``; ``(n,)``, float64, uniform in
    [0, 1). In `order`, each facility chooses among the locations still free, with
    probabilities in proportion to its row of `pheromone`.
    """
    n = order.size
    permutation = np.empty(n, np.int64)
    free, sums = np.arange(n), np.empty(n)
    for k in range(n):
        i, left, total = order[k], n - k, 0.0
        trails = pheromone[i]
        for j in range(left):
            total += trails[free[j]]
            sums[j] = total
        # The last one whatever rounding does.
        chosen = min(np.searchsorted(sums[:left], draws[k] * total, "right"), left - 1)
        permutation[i] = free[chosen]
        free[chosen] = free[left - 1]
    return permutation


def warm_up_ant() -> None:
    """Compile the kernel."""
    construct(np.ones((2, 2)), np.arange(2), np.zeros(2))
