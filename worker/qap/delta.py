"""What one swap changes, in linear time."""

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel
from worker.qap.instance import Instance


def swap_delta(
    instance: Instance, permutation: IntVector, r: int, s: int
) -> int | float:
    r"""Return how much the objective grows when facilities `r` and `s` swap places.

    Negative means better. Valid for asymmetric matrices, nonzero diagonals and
    linear costs.

    Parameters
    ----------
    instance
        Instance of order :math:`n`.
    permutation
        Shape ``(n,)``, int64: ``permutation[i]`` is the location of facility ``i``.
        Read only; not checked to be a permutation.
    r, s
        Facilities, in ``0..n-1``. Equal ones give 0.

    Returns
    -------
    int or float
        ``objective(after) - objective(before)``: an exact int if the instance is
        exact, else a float.

    Notes
    -----
    :math:`O(n)` time, no allocation: the terms without `r` or `s` cancel; see [1]_.

    References
    ----------
    .. [1] E. Taillard, "Robust taboo search for the quadratic assignment problem,"
       *Parallel Computing* 17 (1991) 443-455, doi:10.1016/S0167-8191(05)80147-4.

    Examples
    --------
    >>> import numpy as np
    >>> instance = Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    >>> swap_delta(instance, np.array([0, 1]), 0, 1)
    -6
    """
    if r == s:
        return 0 if instance.is_exact else 0.0
    delta = _swap_delta(instance.flow, instance.distance, permutation, r, s)
    if instance.linear is not None:
        linear, k, m = instance.linear, permutation[r], permutation[s]
        # Apart: numpy scalars may not overflow silently where kernels may wrap.
        delta += (linear[r, m] - linear[r, k]) + (linear[s, k] - linear[s, m])
    return int(delta) if instance.is_exact else float(delta)


@kernel
def _swap_delta(f: AnyArray, d: AnyArray, p: IntVector, r: int, s: int) -> int | float:
    k, m = p[r], p[s]
    delta = (f[r, r] - f[s, s]) * (d[m, m] - d[k, k])
    delta += (f[r, s] - f[s, r]) * (d[m, k] - d[k, m])
    for i in range(len(p)):
        if i not in (r, s):
            h = p[i]
            delta += (f[r, i] - f[s, i]) * (d[m, h] - d[k, h])
            delta += (f[i, r] - f[i, s]) * (d[h, m] - d[h, k])
    return delta


def warm_up_delta() -> None:
    """Compile the kernel for integers and for floats."""
    for number in (np.int64, np.float64):
        matrix = np.zeros((2, 2), dtype=number)
        matrix.flags.writeable = False
        _swap_delta(matrix, matrix, np.arange(2), 0, 1)
