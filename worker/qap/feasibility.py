"""Placements that avoid forbidden pairs, or the proof that there is none."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from worker.qap.arrays import IntVector
from worker.qap.exceptions import InfeasibleProblemError


def mend(allowed: NDArray[np.bool_], permutation: IntVector) -> IntVector:
    """Return a placement that is allowed, changing `permutation` where needed.

    Parameters
    ----------
    allowed
        Shape ``(m, n)``, ``m <= n``: whether facility ``i`` may stand at location
        ``k``.
    permutation
        Shape ``(m,)``, int64: different locations; not checked. Read only.

    Returns
    -------
    IntVector
        Shape ``(m,)``: different locations, each allowed.

    Raises
    ------
    InfeasibleProblemError
        There is none. It names facilities that share too few locations: by Hall's
        theorem that is the only thing that can be in the way [1]_.

    Notes
    -----
    :math:`O(m n)` time for each facility that stands where it may not: an alternating
    path leads from it to a free location, found breadth first.

    References
    ----------
    .. [1] P. Hall, "On representatives of subsets," *Journal of the London
       Mathematical Society* s1-10 (1935) 26-30, doi:10.1112/jlms/s1-10.37.26.

    Examples
    --------
    >>> allowed = np.array([[False, True, False], [True, True, False]])
    >>> mend(allowed, np.array([0, 1]))
    array([1, 0])
    """
    placed = permutation.copy()
    occupant = np.full(allowed.shape[1], -1, dtype=np.int64)
    stays = allowed[np.arange(placed.size), placed]
    occupant[placed[stays]] = np.flatnonzero(stays)
    placed[~stays] = -1
    for facility in np.flatnonzero(~stays).tolist():
        _place(facility, allowed, placed, occupant)
    return placed


def _place(
    facility: int,
    allowed: NDArray[np.bool_],
    placed: IntVector,
    occupant: IntVector,
) -> None:
    reached_from = np.full(occupant.size, -1, dtype=np.int64)
    queue = [facility]
    for mover in queue:
        reached = np.flatnonzero(allowed[mover] & (reached_from < 0))
        reached_from[reached] = mover
        free = reached[occupant[reached] < 0]
        if free.size:
            _move_along(int(free[0]), facility, reached_from, placed, occupant)
            return
        queue.extend(occupant[reached].tolist())
    locations: Sequence[int] = np.flatnonzero(reached_from >= 0).tolist()
    raise InfeasibleProblemError(sorted(queue), list(locations))


def _move_along(
    location: int,
    facility: int,
    reached_from: IntVector,
    placed: IntVector,
    occupant: IntVector,
) -> None:
    """Let each facility on the path take the next location of it."""
    mover = -1
    while mover != facility:
        mover = int(reached_from[location])
        location_before = int(placed[mover])
        placed[mover], occupant[location] = location, mover
        location = location_before
