"""Crossover: a child between two permutations."""

import numpy as np

from worker.qap.arrays import IntVector
from worker.qap.instance import Instance
from worker.qap.neighbourhood import Neighbourhood, neighbourhood
from worker.qap.path_kernel import swap_path


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
    """Compile the kernel for the types of element in use."""
    for entry in (1, 0.5) if fractions else (1,):
        matrix = np.array([[0, entry], [entry, 0]])
        swap_path_crossover(
            neighbourhood(Instance(matrix, matrix)),
            np.array([0, 1]),
            np.array([1, 0]),
            ahead=0,
            rng=np.random.default_rng(0),
        )
