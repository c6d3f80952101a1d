"""Permutations: ``permutation[i]`` is the location of facility ``i``, from 0."""

import numpy as np
from numpy.typing import ArrayLike

from worker.qap.arrays import IntVector
from worker.qap.exceptions import InvalidPermutationError


def checked_permutation(
    permutation: ArrayLike, order: int, locations: int | None = None
) -> IntVector:
    """Return `permutation` as an array of its own, or say why it is none.

    Parameters
    ----------
    permutation
        Shape ``(n,)``, integers; copied.
    order
        :math:`n`.
    locations
        How many there are, if more than :math:`n`: then some stay free.

    Returns
    -------
    IntVector
        Shape ``(n,)``, int64, C-contiguous, owned by the caller.

    Raises
    ------
    InvalidPermutationError
        The shape is wrong, or a location is missing, repeated or not an integer.

    Notes
    -----
    Time in proportion to the number of locations.

    Examples
    --------
    >>> checked_permutation([2, 0, 1], 3)
    array([2, 0, 1])
    >>> checked_permutation([1, 2, 3], 3)
    Traceback (most recent call last):
    worker.qap.exceptions.InvalidPermutationError: Location 3 is not in 0..2.
    """
    try:
        array = np.asarray(permutation)
    except ValueError as exc:
        raise InvalidPermutationError("The permutation is not a flat list.") from exc
    if array.shape != (order,):
        raise InvalidPermutationError(
            f"The permutation has shape {array.shape}, not ({order},)."
        )
    if array.dtype.kind not in "iu":
        raise InvalidPermutationError("The permutation holds more than integers.")
    count = order if locations is None else locations
    outside = array[(array < 0) | (array >= count)]
    if outside.size:
        raise InvalidPermutationError(
            f"Location {outside[0]} is not in 0..{count - 1}."
        )
    counts = np.bincount(array.astype(np.int64), minlength=order)
    if counts.max() > 1:
        raise InvalidPermutationError(
            f"Location {counts.argmax()} is taken {counts.max()} times."
        )
    return np.array(array, dtype=np.int64, order="C")


def inverse(permutation: IntVector) -> IntVector:
    """Return which facility stands at each location.

    Parameters
    ----------
    permutation
        Shape ``(n,)``, int64; not checked.

    Returns
    -------
    IntVector
        Shape ``(n,)``; ``inverse(p)[p[i]] == i``.

    Notes
    -----
    :math:`O(n)` time.

    Examples
    --------
    >>> import numpy as np
    >>> inverse(np.array([2, 0, 1]))
    array([1, 2, 0])
    """
    result = np.empty_like(permutation)
    result[permutation] = np.arange(permutation.size, dtype=permutation.dtype)
    return result
