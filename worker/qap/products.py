"""Matrix products in portions of rows, on one thread, in integers too."""

import numpy as np

from worker.qap.arrays import AnyArray
from worker.qap.compile import kernel


def multiply_rows(
    left: AnyArray, right: AnyArray, result: AnyArray, start: int, stop: int
) -> None:
    """Add to rows `start` to `stop` of `result` those of ``left @ right``.

    Parameters
    ----------
    left
        Shape ``(m, k)``, C-contiguous.
    right
        Shape ``(k, n)``, C-contiguous, of the same dtype.
    result
        Shape ``(m, n)``, likewise; changed in place.
    start, stop
        Rows, ``0 <= start <= stop <= m``.

    Notes
    -----
    :math:`O((stop - start) k n)` time. Not numpy's product: that is slow for
    integers and uses threads for floats.

    Examples
    --------
    >>> result = np.zeros((2, 2), dtype=np.int64)
    >>> multiply_rows(np.array([[1, 2], [3, 4]]), np.array([[1, 0], [2, 1]]),
    ...               result, 0, 1)
    >>> result
    array([[5, 2],
           [0, 0]])
    """
    _multiply_rows(left, right, result, start, stop)


@kernel
def _multiply_rows(
    left: AnyArray, right: AnyArray, result: AnyArray, start: int, stop: int
) -> None:
    for i in range(start, stop):
        row = result[i]
        for k in range(left.shape[1]):
            factor = left[i, k]
            if factor != 0:
                other = right[k]
                for j in range(other.size):
                    row[j] += factor * other[j]


def warm_up_products() -> None:
    """Compile the kernel for every type of element in use."""
    for number in (np.int64, np.float64, np.float32):
        matrix = np.zeros((2, 2), dtype=number)
        _multiply_rows(matrix, matrix, matrix, 0, 2)
