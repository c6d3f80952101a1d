"""The rearrangement inequality: what products can sum to, in whatever order."""

import numpy as np

from worker.qap.arrays import Matrix


def largest_product(left: Matrix, right: Matrix) -> int | float:
    r"""Return what :math:`\sum_{i,j} left_{i,j}\, right_{p_i,p_j}` never exceeds.

    No order of two vectors has a larger scalar product than both sorted upwards;
    diagonal entries meet diagonal ones only.

    Parameters
    ----------
    left, right
        Shape ``(n, n)``, both int64 or both float64; the sum of all products in
        absolute value stays below ``2**63`` in whatever order: not checked.

    Returns
    -------
    int or float
        Exact for integers.

    Notes
    -----
    :math:`O(n^2 \log n)` time; see [1]_.

    References
    ----------
    .. [1] G. H. Hardy, J. E. Littlewood, G. Polya, *Inequalities*, Cambridge
       University Press (1934), section 10.2.

    Examples
    --------
    >>> largest_product(np.array([[0, 3], [1, 0]]), np.array([[0, 5], [2, 0]]))
    17
    """
    diagonal = np.eye(len(left), dtype=np.bool_)
    total: int | float = 0
    for part in (diagonal, ~diagonal):
        total += (np.sort(left[part]) @ np.sort(right[part])).item()
    return total
