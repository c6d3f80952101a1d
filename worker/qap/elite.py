"""A few good permutations that differ."""

import numpy as np

from worker.qap.arrays import IntVector


class Elite:
    """The best permutations offered, no two of them alike.

    Parameters
    ----------
    size
        How many there are at most: at least 1.

    Notes
    -----
    :math:`O(size n)` time for an offer that is better than the worst.

    Examples
    --------
    >>> elite = Elite(2)
    >>> elite.offer(np.array([0, 1, 2]), 7), elite.offer(np.array([0, 1, 2]), 7)
    (True, False)
    >>> elite.offer(np.array([0, 2, 1]), 5), elite.offer(np.array([1, 2, 0]), 6)
    (True, True)
    >>> elite.values
    [6, 5]
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self.permutations: list[IntVector] = []
        self.values: list[float] = []

    def draw(self, rng: np.random.Generator) -> IntVector:
        """Return one of them at random.

        Parameters
        ----------
        rng
            Draws it.

        Returns
        -------
        IntVector
            Shape ``(n,)``; not to be changed.
        """
        return self.permutations[rng.integers(len(self.permutations))]

    def offer(self, permutation: IntVector, value: float) -> bool:
        """Take `permutation` in, if there is room or one that is worse.

        Of the worse ones that leaves which is most like it, so that the others stay
        different.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64; copied.
        value
            Its objective.

        Returns
        -------
        bool
            Whether it was taken in.
        """
        if len(self.values) == self._size and value >= max(self.values):
            return False
        differences = [
            np.count_nonzero(other != permutation).item() for other in self.permutations
        ]
        if 0 in differences:
            return False
        if len(self.values) < self._size:
            self.permutations.append(permutation.copy())
            self.values.append(value)
            return True
        worse = [place for place, other in enumerate(self.values) if other > value]
        leaver = min(worse, key=differences.__getitem__)
        self.permutations[leaver] = permutation.copy()
        self.values[leaver] = value
        return True
