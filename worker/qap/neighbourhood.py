"""An instance made ready for searching all swaps: smaller, symmetric, exact."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from worker.qap.arrays import AnyArray, IntVector, Matrix
from worker.qap.exceptions import InexactInstanceError
from worker.qap.instance import Instance
from worker.qap.matrices import is_symmetric

_FLOAT32_LIMIT = 2**24
_FLOAT64_LIMIT = 2**53
_TOLERANCE = 2.0**-40


@dataclass(frozen=True, slots=True, eq=False)
class Neighbourhood:
    """The same problem up to a constant factor, in the form that kernels want.

    Parameters
    ----------
    flow, distance
        Shape ``(n, n)``, C-contiguous, of the element type, zero diagonals. Both
        symmetric if `is_symmetric`.
    linear
        Shape ``(n, n)``, or ``(0, 0)`` where there is none; of the element type.
    is_symmetric
        Whether every pair of facilities is counted once instead of twice.
    scale
        A delta of the instance is `scale` times one counted here.
    kinds
        Shape ``(n,)``, int64: two facilities of one kind are interchangeable.
    largest_delta
        No delta here, nor any partial sum of one, is larger in absolute value.
    tolerance
        A delta above its negative is no improvement: 0 where deltas are exact.
    """

    flow: AnyArray
    distance: AnyArray
    linear: AnyArray
    is_symmetric: bool
    scale: int
    kinds: IntVector
    largest_delta: float
    tolerance: float


def neighbourhood(instance: Instance) -> Neighbourhood:
    r"""Return `instance` in the form that kernels want.

    The diagonals join the linear costs, since
    :math:`f_{ii} d_{p_i p_i}` depends on :math:`p_i` alone. If one matrix is
    symmetric the other is replaced by its sum with its transpose and each pair
    counts once: the objective stays the same, the work halves.

    Parameters
    ----------
    instance
        Of any kind.

    Returns
    -------
    Neighbourhood
        In float32 where every delta is exact in it, which is fastest; else float64.

    Raises
    ------
    InexactInstanceError
        The instance is exact and its deltas or objective could exceed ``2**53``.

    Notes
    -----
    :math:`O(n^2)` time and space; a little more where many facilities look alike.

    Examples
    --------
    >>> ready = neighbourhood(Instance([[1, 3], [3, 0]], [[2, 5], [1, 0]]))
    >>> ready.is_symmetric, ready.scale, ready.linear.tolist()
    (True, 1, [[2.0, 0.0], [0.0, 0.0]])
    >>> ready.distance.tolist(), ready.flow.dtype
    ([[0.0, 6.0], [6.0, 0.0]], dtype('float32'))
    """
    flow, distance = instance.flow.copy(), instance.distance.copy()
    linear = np.multiply.outer(np.diagonal(flow), np.diagonal(distance))
    if instance.linear is not None:
        linear = linear + instance.linear
    if bool((linear == linear[:1]).all()):
        # Every facility pays the same at a location: a constant.
        linear = np.zeros((0, 0), dtype=flow.dtype)
    np.fill_diagonal(flow, 0)
    np.fill_diagonal(distance, 0)
    flow_mirrors, distance_mirrors = is_symmetric(flow), is_symmetric(distance)
    scale = 1
    if flow_mirrors and distance_mirrors and not linear.size:
        scale = 2
    elif flow_mirrors:
        distance = distance + distance.T
    elif distance_mirrors:
        flow = flow + flow.T
    largest = _largest_delta(flow, distance, linear)
    number: type[np.floating[Any]] = np.float64
    if instance.is_exact:
        if max(largest, instance.magnitude) >= _FLOAT64_LIMIT:
            raise InexactInstanceError(
                "The integers are so large that deltas could be rounded.",
                pointer=("flow",),
                suggestion="Divide flow or distance by a common factor.",
            )
        if largest < _FLOAT32_LIMIT:
            number = np.float32
    return Neighbourhood(
        flow=flow.astype(number),
        distance=distance.astype(number),
        linear=linear.astype(number),
        is_symmetric=flow_mirrors or distance_mirrors,
        scale=scale,
        kinds=_kinds(instance),
        largest_delta=float(largest),
        tolerance=0.0 if instance.is_exact else float(largest) * _TOLERANCE,
    )


def _largest_delta(flow: Matrix, distance: Matrix, linear: Matrix) -> int | float:
    """Return what no sum of the kernels exceeds.

    A delta is made of four entries of the product of flow and distance, taken by
    rows and by columns, of four entries of both, and of four linear costs; an update
    is a product of differences of four entries of each.
    """
    row = min(
        _line(flow) * _entry(distance),
        _line(distance) * _entry(flow),
    )
    single = _entry(flow) * _entry(distance)
    return 8 * row + 32 * single + 4 * _entry(linear)


def _line(matrix: Matrix) -> int | float:
    """Return the largest sum of absolute values of a row or a column.

    Row by row: matrices of order 1,000 that nobody keeps take longer to come by than
    the sums do.
    """
    largest, columns = 0, np.zeros(len(matrix), dtype=matrix.dtype)
    for row in matrix:
        sizes = np.abs(row)
        columns += sizes
        largest = max(largest, sizes.sum().item())
    return max(largest, columns.max().item())


def _entry(matrix: Matrix) -> int | float:
    if not matrix.size:
        return 0
    return max(abs(matrix.max().item()), abs(matrix.min().item()))


def _kinds(instance: Instance) -> IntVector:
    """Give facilities of one kind one number: swapping them changes nothing."""
    order = instance.order
    kinds = np.arange(order, dtype=np.int64)
    flow, linear = instance.flow, instance.linear
    # Facilities of one kind agree in these; few others do.
    keys = np.stack([np.diagonal(flow), flow.max(axis=1), flow.sum(0), flow.sum(1)])
    first: dict[tuple[int | float, ...], list[int]] = {}
    for facility in range(order):
        alike = first.setdefault(tuple(keys[:, facility].tolist()), [])
        for other in alike:
            if _is_interchangeable(flow, facility, other) and (
                linear is None or bool((linear[facility] == linear[other]).all())
            ):
                kinds[facility] = other
                break
        else:
            alike.append(facility)
    return kinds


def _is_interchangeable(flow: Matrix, r: int, s: int) -> bool:
    swapped = np.arange(len(flow))
    swapped[r], swapped[s] = s, r
    return bool(
        (flow[r] == flow[s][swapped]).all()
        and (flow[:, r] == flow[:, s][swapped]).all()
    )
