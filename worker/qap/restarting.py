"""Descent by the first swap that improves, always looked for from the beginning."""

from collections.abc import Callable

import numpy as np

from worker.qap import restart_kernel, swap_kernel
from worker.qap.arrays import IntVector
from worker.qap.neighbourhood import Neighbourhood
from worker.qap.placement import Placement

Judge = Callable[[IntVector, IntVector], bool]


def restarting_descent(
    ready: Neighbourhood, start: IntVector, margin: float, is_better: Judge
) -> tuple[IntVector, int]:
    r"""Return a permutation that no swap improves, and how many pairs were looked at.

    The pairs :math:`(i, j)` with :math:`i \le j` come in lexicographic order. The first
    swap that improves is made, and the order begins anew. That is the rule of textbooks
    for 2-opt; where it ends depends on nothing but the start, which makes it a rule to
    compare with.

    Parameters
    ----------
    ready
        The instance made ready.
    start
        Shape ``(n,)``, int64: where to begin; read only.
    margin
        Signs of deltas no larger than this are in doubt. 0 where deltas are exact.
    is_better
        Asked where a sign is in doubt: whether the second permutation is better than
        the first.

    Returns
    -------
    tuple of IntVector and int
        Shape ``(n,)``; and the pairs, those of a facility with itself included, which
        change nothing and cost nothing here.

    Notes
    -----
    :math:`O(n)` time to look at a pair, where the objective from scratch is
    :math:`O(n^2)`; :math:`O(n^2)` space.

    Examples
    --------
    >>> from worker.qap.instance import Instance
    >>> from worker.qap.neighbourhood import neighbourhood
    >>> ready = neighbourhood(Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]]))
    >>> restarting_descent(ready, np.array([0, 1]), 0.0, lambda before, after: False)
    (array([1, 0]), 5)
    """
    placement = Placement(ready)
    placement.move_to(start)
    p, n = placement.permutation, start.size
    state = np.array([0, 1, 0, 0], dtype=np.int64)
    while state[swap_kernel.FIRST] < n - 1:
        is_unsure = restart_kernel.descend_anew(
            ready.flow,
            placement.flow_t,
            placement.placed,
            placement.placed_t,
            ready.linear,
            p,
            state,
            ready.is_symmetric,
            margin,
            placement.portion,
        )
        if is_unsure:
            _ask(placement, state, is_better)
    return p, int(state[swap_kernel.WEIGHED]) + n * (n + 1) // 2


def _ask(placement: Placement, state: IntVector, is_better: Judge) -> None:
    """Make the swap at hand if it is better, else pass it."""
    p = placement.permutation
    a, b = int(state[swap_kernel.FIRST]), int(state[swap_kernel.SECOND])
    after = p.copy()
    after[[a, b]] = p[[b, a]]
    if is_better(p, after):
        swap_kernel.swap(
            placement.placed, placement.placed_t, p, a, b, placement.ready.is_symmetric
        )
        state[swap_kernel.WEIGHED] += restart_kernel.passed_before(a, b, p.size) + 1
        a, b = 0, 1
    else:
        a, b = (a, b + 1) if b + 1 < p.size else (a + 1, a + 2)
    state[swap_kernel.FIRST], state[swap_kernel.SECOND] = a, b
