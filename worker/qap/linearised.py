"""An instance as costs of placements and of pairs of them, in whole units."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.qap.arrays import AnyArray, Matrix
from worker.qap.instance import Instance

_ROOM = {np.int32: 2**27, np.int64: 2**57}
_FLOAT_ROOM = 2**50
_FINEST = 2**12


@dataclass(frozen=True, slots=True, eq=False)
class Linearised:
    """The costs of an instance, none negative but the base, times a scale.

    The objective of a permutation :math:`p` times `scale` is at least ``base`` plus
    the sum of ``placements[i, p[i]]`` plus that of ``pairs[t, p[i], p[j]]`` over all
    pairs ``i < j``, where ``t`` counts them row by row; equal if the instance is exact.

    Parameters
    ----------
    base
        What every permutation costs.
    placements
        Shape ``(n, n)``, int64.
    pairs
        Shape ``(n (n - 1) / 2, n, n)``, int32 if that is precise enough, else int64.
        Two facilities at one location cost `forbidden`.
    forbidden
        More than any permutation costs.
    scale
        Units per unit of the objective: a power of two if the instance has fractions.
    """

    base: int
    placements: NDArray[np.int64]
    pairs: AnyArray
    forbidden: int
    scale: int | float


def why_not_linearised(instance: Instance) -> str | None:
    """Return why the costs of an instance do not fit, or None.

    Parameters
    ----------
    instance
        Of any kind.

    Returns
    -------
    str or None
        A clause.

    Examples
    --------
    >>> why_not_linearised(Instance([[0, 1], [1, 0]], [[0, 2], [2, 0]]))
    """
    if instance.is_exact and 4 * _largest_total(instance) > _ROOM[np.int64]:
        return "its integers are too large for bounds without rounding"
    return None


def linearised(instance: Instance) -> Linearised:
    r"""Return the costs of an instance in whole units.

    The first level of the reformulation-linearization technique gives every pair of
    placements, :math:`i` at :math:`k` and :math:`j` at :math:`l`, a cost of its own,
    :math:`f_{ij} d_{kl} + f_{ji} d_{lk}` [1]_.

    Parameters
    ----------
    instance
        One for which `why_not_linearised` says nothing.

    Returns
    -------
    Linearised
        Exact if the instance is; else every cost is rounded down.

    Notes
    -----
    :math:`O(n^4)` time and space.

    References
    ----------
    .. [1] P. Hahn and T. Grant, "Lower bounds for the quadratic assignment problem
       based upon a dual formulation," *Operations Research* 46 (1998) 912-922,
       doi:10.1287/opre.46.6.912.

    Examples
    --------
    >>> costs = linearised(Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]]))
    >>> costs.base // costs.scale, (costs.pairs[0, 0, 1] // costs.scale).item()
    (11, 6)
    """
    total = _largest_total(instance)
    number: type[np.signedinteger] = np.int64
    scale: int | float
    if not instance.is_exact:
        scale = math.ldexp(1.0, math.frexp(_FLOAT_ROOM / (4 * total))[1] - 1)
    else:
        wanted = 4 * total * min(_FINEST, 8 * instance.order)
        number = np.int32 if wanted <= _ROOM[np.int32] else np.int64
        scale = min(_FINEST, _ROOM[number] // (4 * total))
    order, flow, distance = instance.order, instance.flow, instance.distance
    forbidden = 4 * _ROOM[number]
    same = np.eye(order, dtype=np.bool_)
    pairs = np.empty((order * (order - 1) // 2, order, order), dtype=number)
    base = 0
    for t, (i, j) in enumerate(zip(*np.triu_indices(order, 1), strict=True)):
        costs = _whole(flow[i, j] * distance + flow[j, i] * distance.T, scale)
        least = costs[~same].min()
        pairs[t] = costs - least
        pairs[t][same] = forbidden
        base += int(least)
    placements = _whole(linear_costs(instance), scale)
    least = placements.min(axis=1)
    return Linearised(
        base=base + int(least.sum()),
        placements=placements - least[:, np.newaxis],
        pairs=pairs,
        forbidden=forbidden,
        scale=scale,
    )


def linear_costs(instance: Instance) -> Matrix:
    r"""Return what each facility costs at each location, whatever the others do.

    Parameters
    ----------
    instance
        Of any kind.

    Returns
    -------
    Matrix
        Shape ``(n, n)``: linear costs and products of the diagonals.

    Examples
    --------
    >>> linear_costs(Instance([[1, 0], [0, 2]], [[3, 0], [0, 4]])).tolist()
    [[3, 4], [6, 8]]
    """
    diagonals = (np.diagonal(m) for m in (instance.flow, instance.distance))
    costs: Matrix = np.multiply.outer(*diagonals)
    return costs if instance.linear is None else costs + instance.linear


def _whole(costs: Matrix, scale: int | float) -> NDArray[np.int64]:
    if costs.dtype.kind == "i":
        return costs * int(scale)
    # Three roundings of numbers below 2**49 err by less than one unit.
    return np.floor(costs * scale).astype(np.int64) - 1


def _largest_total(instance: Instance) -> int | float:
    """Return what no sum of costs of pairs and placements exceeds."""
    flows = sum(abs(flow) for flow in instance.flow.ravel().tolist())
    distance, linear = (
        float(np.abs(m).max()) if m.dtype.kind == "f" else int(np.abs(m).max())
        for m in (instance.distance, linear_costs(instance))
    )
    return max(flows * distance + instance.order * linear, 1)
