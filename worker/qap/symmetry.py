"""Which facilities, and which locations, an instance cannot tell apart."""

from dataclasses import dataclass

import numpy as np

from worker.qap.arrays import AnyArray, IntVector, Matrix
from worker.qap.compile import kernel
from worker.qap.instance import Instance
from worker.qap.neighbourhood import neighbourhood

_MOST_MAPS = 4096
_MOST_STEPS = 2**23


@dataclass(frozen=True, slots=True, eq=False)
class Symmetry:
    """A group of permutations of facilities, or of locations, that change no objective.

    It is made of the maps and of all ways to exchange places of one kind.

    Parameters
    ----------
    maps
        Shape ``(g, n)``, int64: a group, each of which takes kinds to kinds.
    kinds
        Shape ``(n,)``, int64: places of one kind are interchangeable.
    """

    maps: IntVector
    kinds: IntVector

    def fixing(self, place: int) -> "Symmetry":
        """Return the subgroup that leaves `place` where it is.

        Parameters
        ----------
        place
            In ``0..n-1``.

        Returns
        -------
        Symmetry
            Places of the kind of `place` stay interchangeable among themselves.

        Notes
        -----
        :math:`O(g)` time.
        """
        if len(self.maps) == 1:
            return self
        return Symmetry(self.maps[self.maps[:, place] == place], self.kinds)

    def orbits(self, places: IntVector) -> tuple[IntVector, IntVector]:
        """Divide places into those that the group exchanges with each other.

        Parameters
        ----------
        places
            Shape ``(m,)``, int64: those that are not fixed.

        Returns
        -------
        tuple
            An index into `places` for each orbit, and for each place the number of
            its orbit.

        Notes
        -----
        :math:`O(g m)` time.

        Examples
        --------
        >>> turns = Symmetry(np.array([[0, 1, 2], [2, 1, 0]]), np.arange(3))
        >>> turns.orbits(np.arange(3))
        (array([0, 1]), array([0, 1, 0]))
        """
        least = self.kinds[self.maps[:, places]].min(axis=0)
        _, first, number = np.unique(least, return_index=True, return_inverse=True)
        return first, number


def facility_symmetry(instance: Instance) -> Symmetry:
    """Return permutations of facilities that change no objective.

    Parameters
    ----------
    instance
        Of any kind.

    Returns
    -------
    Symmetry
        All of them, or a subgroup if they are many or hard to find.

    Examples
    --------
    >>> instance = Instance([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.eye(3))
    >>> facility_symmetry(instance).orbits(np.arange(3))[1]
    array([0, 1, 0])
    """
    linear = instance.linear
    return _symmetry(instance.flow, linear, neighbourhood(instance).kinds)


def location_symmetry(instance: Instance) -> Symmetry:
    """Return permutations of locations that change no objective.

    Parameters
    ----------
    instance
        Of any kind.

    Returns
    -------
    Symmetry
        All of them, or a subgroup if they are many or hard to find.

    Examples
    --------
    >>> path = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    >>> location_symmetry(Instance(np.eye(4), path)).maps
    array([[0, 1, 2, 3],
           [3, 2, 1, 0]])
    """
    linear = None if instance.linear is None else instance.linear.T
    mirrored = Instance(instance.distance, instance.flow, linear)
    return _symmetry(instance.distance, linear, neighbourhood(mirrored).kinds)


def _symmetry(matrix: Matrix, linear: Matrix | None, kinds: IntVector) -> Symmetry:
    """List the maps, or those that fix the first places where there are too many."""
    order = len(matrix)
    # Copies, for the kernel is compiled for arrays that may be written to.
    matrix = matrix.copy()
    tied = np.zeros((order, 0), matrix.dtype) if linear is None else linear.copy("C")
    maps = np.empty((_MOST_MAPS, order), dtype=np.int64)
    for fixed in range(order):
        count = _list_maps(matrix, tied, kinds, fixed, maps, _MOST_STEPS)
        if count > 0:
            return Symmetry(maps[:count].copy(), kinds)
    return Symmetry(np.arange(order, dtype=np.int64)[np.newaxis], kinds)


@kernel
def _list_maps(
    matrix: AnyArray,
    tied: AnyArray,
    kinds: IntVector,
    fixed: int,
    maps: IntVector,
    most_steps: int,
) -> int:
    """List maps by backtracking; return how many, or -1 if that takes too much.

    Each keeps places of one kind in order, so that none differs from another only by
    exchanging those.
    """
    n = kinds.size
    image = np.full(n, -1, dtype=np.int64)
    is_taken = np.zeros(n, dtype=np.bool_)
    rank = np.zeros(n, dtype=np.int64)
    for i in range(n):
        for j in range(i):
            if kinds[j] == kinds[i]:
                rank[i] += 1
    count, steps, i = 0, 0, 0
    while i >= 0:
        if i == n:
            if count == maps.shape[0]:
                return -1
            maps[count] = image
            count += 1
            i -= 1
            continue
        # The next image of i that fits those before it.
        if image[i] >= 0:
            is_taken[image[i]] = False
        k = image[i] + 1
        if i < fixed:
            k = i if image[i] < 0 else n
        while k < n:
            leader = k if rank[i] == 0 else kinds[image[kinds[i]]]
            fits = not is_taken[k] and rank[k] == rank[i] and kinds[k] == leader
            for c in range(tied.shape[1]):
                fits = fits and tied[i, c] == tied[k, c]
            fits = fits and matrix[i, i] == matrix[k, k]
            for j in range(i):
                if not fits:
                    break
                steps += 1
                fits = (
                    matrix[i, j] == matrix[k, image[j]]
                    and matrix[j, i] == matrix[image[j], k]
                )
            if fits:
                break
            k += 1
        if steps > most_steps:
            return -1
        image[i] = k if k < n else -1
        if k < n:
            is_taken[k] = True
            i += 1
        else:
            i -= 1
    return count


def warm_up_symmetry() -> None:
    """Compile the kernel for integers and for floats."""
    for entry in (1, 0.5):
        matrix = np.array([[0, entry], [entry, 0]])
        facility_symmetry(Instance(matrix, matrix))
