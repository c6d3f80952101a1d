"""Making one permutation of two, and moving away from one."""

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel


def cross(first: IntVector, second: IntVector, rng: np.random.Generator) -> IntVector:
    """Return a child that keeps every placement its parents agree on.

    The other facilities, in random order, take the location of a random parent, else
    that of the other; those for whom both are taken share out what is left.

    Parameters
    ----------
    first, second
        Shape ``(n,)``, int64: the parents, permutations.
    rng
        The source of randomness.

    Returns
    -------
    IntVector
        Shape ``(n,)``: a permutation.

    Notes
    -----
    :math:`O(n)` time and space. Uniform crossover as of Tate and Smith [1]_.

    References
    ----------
    .. [1] D. M. Tate and A. E. Smith, "A genetic approach to the quadratic assignment
       problem," *Computers & Operations Research* 22 (1995) 73-83,
       doi:10.1016/0305-0548(93)E0020-T.

    Examples
    --------
    >>> cross(np.array([2, 0, 1]), np.array([2, 1, 0]), np.random.default_rng(1))[0]
    np.int64(2)
    """
    n = first.size
    child = np.full(n, -1, dtype=np.int64)
    _cross(first, second, rng.permutation(n), rng.random(n), child)
    return child


@kernel
def _cross(
    first: IntVector,
    second: IntVector,
    order: IntVector,
    coins: AnyArray,
    child: IntVector,
) -> None:
    n = first.size
    is_taken = np.zeros(n, dtype=np.bool_)
    for i in range(n):
        if first[i] == second[i]:
            child[i] = first[i]
            is_taken[first[i]] = True
    for i in order:
        if child[i] < 0:
            wanted, other = first[i], second[i]
            if coins[i] < 0.5:
                wanted, other = other, wanted
            if is_taken[wanted]:
                wanted = other
            if not is_taken[wanted]:
                child[i] = wanted
                is_taken[wanted] = True
    # `order` also says which location comes first among those left.
    k = 0
    for i in order:
        if child[i] < 0:
            while is_taken[order[k]]:
                k += 1
            child[i] = order[k]
            is_taken[order[k]] = True


def shift(permutation: IntVector, size: int, rng: np.random.Generator) -> IntVector:
    """Return `permutation` with some facilities moved round a random cycle.

    Parameters
    ----------
    permutation
        Shape ``(n,)``, int64.
    size
        How many facilities move, in ``2..n``.
    rng
        The source of randomness.

    Returns
    -------
    IntVector
        Shape ``(n,)``: differs in exactly `size` places.

    Notes
    -----
    :math:`O(n)` time and space.

    Examples
    --------
    >>> moved = shift(np.arange(9), 4, np.random.default_rng(1))
    >>> int((moved != np.arange(9)).sum()), sorted(moved.tolist()) == list(range(9))
    (4, True)
    """
    moved = rng.permutation(permutation.size)[:size]
    result = permutation.copy()
    result[moved] = permutation[np.roll(moved, 1)]
    return result


def warm_up_crossing() -> None:
    """Compile the kernel."""
    cross(np.arange(3), np.arange(3), np.random.default_rng(0))
