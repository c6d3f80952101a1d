"""The objective of one permutation, from scratch."""

import numpy as np
from numpy.typing import ArrayLike

from worker.qap.instance import Instance
from worker.qap.permutation import checked_permutation


def objective(instance: Instance, permutation: ArrayLike) -> int | float:
    r"""Return the objective of `permutation`.

    Parameters
    ----------
    instance
        Instance of order :math:`n`.
    permutation
        Shape ``(n,)``, integers: ``permutation[i]`` is the location of facility
        ``i``. Read only.

    Returns
    -------
    int or float
        :math:`\sum_{i,j} flow_{i,j}\, distance_{p_i,p_j} + \sum_i linear_{i,p_i}`;
        an exact int if the instance is exact, else a float correct to about
        ``1e-15`` of the sum of the absolute values of its terms.

    Raises
    ------
    InvalidPermutationError
        It is not a permutation of ``0..n-1``.

    Notes
    -----
    :math:`O(n^2)` time and space.

    Examples
    --------
    >>> instance = Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    >>> objective(instance, [0, 1]), objective(instance, [1, 0])
    (17, 11)
    """
    order = checked_permutation(permutation, instance.order)
    placed = instance.distance[np.ix_(order, order)]
    total = (instance.flow * placed).sum().item()
    if instance.linear is not None:
        total += instance.linear[np.arange(order.size), order].sum().item()
    return int(total) if instance.is_exact else float(total)
