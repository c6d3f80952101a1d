"""Moving facilities round a cycle."""

import numpy as np

from worker.qap.arrays import IntVector


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
    return shifted(permutation, moved[::-1])


def shifted(permutation: IntVector, facilities: IntVector) -> IntVector:
    """Return `permutation` with each facility moved to the next one's location.

    Parameters
    ----------
    permutation
        Shape ``(n,)``, int64; not changed.
    facilities
        Shape ``(k,)``, int64: different ones; the last goes where the first stood.

    Returns
    -------
    IntVector
        Shape ``(n,)``: differs in exactly ``k`` places if ``k >= 2``.

    Examples
    --------
    >>> shifted(np.array([4, 3, 2, 1, 0]), np.array([0, 1, 4]))
    array([3, 0, 2, 1, 4])
    """
    result = permutation.copy()
    result[facilities] = permutation[np.roll(facilities, -1)]
    return result
