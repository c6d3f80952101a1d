"""Crossover: a child between two permutations."""

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel
from worker.qap.instance import Instance
from worker.qap.neighbourhood import Neighbourhood, neighbourhood
from worker.qap.path_kernel import swap_path


def uniform_crossover(
    first: IntVector, second: IntVector, rng: np.random.Generator
) -> IntVector:
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
    >>> mother, father = np.array([2, 0, 1]), np.array([2, 1, 0])
    >>> uniform_crossover(mother, father, np.random.default_rng(1))[0]
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


def swap_path_crossover(
    ready: Neighbourhood,
    mother: IntVector,
    father: IntVector,
    *,
    ahead: float,
    rng: np.random.Generator,
) -> IntVector:
    r"""Bring two permutations half-way together and return the better one.

    Facilities are visited in random order. Where the two permutations differ, a swap
    in one of them makes them agree: in the one whose objective is lower afterwards.
    Swap-path crossover [1]_, stopped half-way, where neither parent is near.

    Parameters
    ----------
    ready
        The instance made ready.
    mother, father
        Shape ``(n,)``, int64; not changed.
    ahead
        The objective of `father` less that of `mother`.
    rng
        Draws the order of the facilities.

    Returns
    -------
    IntVector
        Shape ``(n,)``: a permutation that agrees with both parents wherever they
        agree.

    Notes
    -----
    :math:`O(n^2)` time, :math:`O(n)` space.

    References
    ----------
    .. [1] R. K. Ahuja, J. B. Orlin and A. Tiwari, "A greedy genetic algorithm for
       the quadratic assignment problem," *Computers & Operations Research* 27 (2000)
       917-934, doi:10.1016/S0305-0548(99)00067-2.

    Examples
    --------
    >>> flow, distance = [[0, 3], [1, 0]], [[0, 5], [2, 0]]
    >>> ready = neighbourhood(Instance(flow, distance))
    >>> swap_path_crossover(ready, np.array([0, 1]), np.array([1, 0]),
    ...                     ahead=-6, rng=np.random.default_rng(1))
    array([1, 0])
    """
    first, second = mother.copy(), father.copy()
    left_ahead = swap_path(
        ready.flow,
        ready.distance,
        ready.linear,
        first,
        second,
        float(ahead / ready.scale),
        rng.permutation(first.size),
        ready.is_symmetric,
        int(np.count_nonzero(first != second)) // 2,
    )
    return first if left_ahead >= 0 else second


def warm_up_crossover(*, fractions: bool = True) -> None:
    """Compile the kernels for the types of element in use."""
    uniform_crossover(np.arange(3), np.arange(3), np.random.default_rng(0))
    for entry in (1, 0.5) if fractions else (1,):
        matrix = np.array([[0, entry], [entry, 0]])
        swap_path_crossover(
            neighbourhood(Instance(matrix, matrix)),
            np.array([0, 1]),
            np.array([1, 0]),
            ahead=0,
            rng=np.random.default_rng(0),
        )
