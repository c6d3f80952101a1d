"""Which numbers the objective of an exact instance can be at all."""

import math
from dataclasses import dataclass

import numpy as np

from worker.qap.arrays import Matrix
from worker.qap.instance import Instance
from worker.qap.matrices import is_symmetric

_SAFE_LIMIT = 2**61


@dataclass(frozen=True, slots=True)
class Integrality:
    """Every objective is `offset` plus a multiple of `step`.

    Parameters
    ----------
    offset
        An integer; from 0 to ``step - 1`` unless `step` is 0.
    step
        At least 0. 0 means that all permutations have the objective `offset`.
    """

    offset: int
    step: int

    def round_up(self, bound: int | float) -> int:
        """Return the least possible objective that is not below `bound`.

        Parameters
        ----------
        bound
            A proven lower bound.

        Returns
        -------
        int
            A proven lower bound too: `offset` if `step` is 0.

        Examples
        --------
        >>> Integrality(1, 4).round_up(6), Integrality(1, 4).round_up(5.0)
        (9, 5)
        """
        if self.step == 0:
            return self.offset
        whole = math.ceil(bound)
        return whole + (self.offset - whole) % self.step


def integrality(instance: Instance) -> Integrality:
    r"""Return a step, as long as is easily found, between possible objectives.

    Parameters
    ----------
    instance
        An exact one.

    Returns
    -------
    Integrality
        Of step 1 where the numbers are too large to be looked into.

    Raises
    ------
    ValueError
        The instance is not exact.

    Notes
    -----
    :math:`O(n^2)` time and space. The proof: let :math:`f_{ij} = f + g f'_{ij}` and
    :math:`d_{kl} = d + h d'_{kl}` for all :math:`i \ne j` and :math:`k \ne l` with
    integers :math:`f'` and :math:`d'`; :math:`g` is the greatest common divisor of the
    differences of flows to one of them, :math:`f`, and :math:`h` likewise. A
    permutation matches the :math:`m` ordered pairs of facilities one to one with those
    of locations, so that

    .. math:: \sum f_{ij} d_{p_i p_j} = f \sum d_{kl} + d \sum f_{ij} - m f d
              + gh \sum f'_{ij} d'_{p_i p_j}

    differs from a constant by a multiple of :math:`gh`. If one of the matrices is
    symmetric off the diagonal, the same holds of unordered pairs when the other is
    replaced by its sum with its transpose: that doubles the step where both are
    symmetric, and never shortens it.

    Diagonals and linear costs :math:`c_{ik}` differ from
    :math:`c_{i0} + c_{0k} - c_{00}`, whose sum is the same for all permutations, by
    multiples of the greatest common divisor of these differences. Together the
    objective can only change by multiples of the divisor that both have in common.

    Examples
    --------
    >>> integrality(Instance([[0, 3], [3, 0]], [[0, 5], [5, 0]], [[0, 7], [7, 0]]))
    Integrality(offset=2, step=14)
    """
    if not instance.is_exact:
        raise ValueError("An objective with fractions can be anything.")
    flow, distance = instance.flow, instance.distance
    own = np.multiply.outer(np.diagonal(flow), np.diagonal(distance))
    matrices = [flow, distance, own]
    if instance.linear is not None:
        matrices.append(instance.linear)
    if max(map(_largest, matrices)) * own.size >= _SAFE_LIMIT:
        # A difference or a sum could overflow.
        return Integrality(0, 1)
    if instance.linear is not None:
        own = own + instance.linear
    offset, step = _of_pairs(flow, distance)
    if own.any():
        differences = own - own[:, :1] - own[:1] + own[0, 0]
        step = math.gcd(step, _divisor(differences))
        offset += int(own[:, 0].sum()) + int(own[0].sum()) - len(own) * int(own[0, 0])
    return Integrality(offset % step if step else offset, step)


def _of_pairs(flow: Matrix, distance: Matrix) -> tuple[int, int]:
    """Return offset and step of all but diagonals and linear costs."""
    upper = ~np.tri(len(flow), dtype=np.bool_)
    if is_symmetric(flow):
        flows, distances = flow[upper], (distance + distance.T)[upper]
    elif is_symmetric(distance):
        flows, distances = (flow + flow.T)[upper], distance[upper]
    else:
        flows, distances = flow[upper | upper.T], distance[upper | upper.T]
    a, b = int(flows[0]), int(distances[0])
    offset = a * int(distances.sum()) + b * int(flows.sum()) - flows.size * a * b
    return offset, _divisor(flows - a) * _divisor(distances - b)


def _divisor(differences: Matrix) -> int:
    """Return the greatest common divisor of all; 0 if all are 0."""
    flat = differences.ravel()
    divisor = 0
    # In portions: most matrices have the divisor 1, and show it soon.
    for start in range(0, flat.size, 1000):
        divisor = math.gcd(divisor, int(np.gcd.reduce(flat[start : start + 1000])))
        if divisor == 1:
            break
    return divisor


def _largest(matrix: Matrix) -> int:
    return max(abs(int(matrix.max())), abs(int(matrix.min())))
