"""A population: permutations of which no two are the same."""

import numpy as np

from worker.qap.arrays import IntVector


class Population:
    """The best permutations offered, up to a number, without duplicates.

    Parameters
    ----------
    capacity
        How many it may hold: at least 1.

    Attributes
    ----------
    capacity
        As given.
    members
        Each of shape ``(n,)``, int64, in no order.
    objectives
        Those of `members`.

    Notes
    -----
    :math:`O(m + n)` time an offer to :math:`m` members; :math:`O(m n)` space.

    Examples
    --------
    >>> population = Population(2)
    >>> offers = ([0, 1, 2], 7), ([0, 1, 2], 7), ([2, 1, 0], 5), ([1, 0, 2], 6)
    >>> [population.offer(np.array(p), value) for p, value in offers]
    [True, False, True, True]
    >>> population.objectives
    [6, 5]
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.members: list[IntVector] = []
        self.objectives: list[float] = []
        self._known: set[bytes] = set()

    def __len__(self) -> int:
        return len(self.members)

    @property
    def is_full(self) -> bool:
        """Whether who joins displaces a member."""
        return len(self.members) == self.capacity

    def offer(self, permutation: IntVector, objective: float) -> bool:
        """Take `permutation`; if full, for the worst member.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64; not copied, so it must not change later.
        objective
            Its objective.

        Returns
        -------
        bool
            Whether it has joined: not if it is there already, nor if it is full and
            none of the members is worse.
        """
        key = permutation.tobytes()
        if key in self._known:
            return False
        if self.is_full:
            worst = max(range(self.capacity), key=self.objectives.__getitem__)
            if not objective < self.objectives[worst]:
                return False
            self._known.remove(self.members[worst].tobytes())
            self.members[worst], self.objectives[worst] = permutation, objective
        else:
            self.members.append(permutation)
            self.objectives.append(objective)
        self._known.add(key)
        return True

    def select(self, rng: np.random.Generator, rivals: int) -> int:
        """Hold a tournament.

        Parameters
        ----------
        rng
            Draws who takes part.
        rivals
            How many draws, at least 1; more select more strictly.

        Returns
        -------
        int
            The best member drawn, by its place in `members`.
        """
        drawn = rng.integers(len(self.members), size=rivals).tolist()
        return min(drawn, key=self.objectives.__getitem__)

    def keep_best(self) -> None:
        """Part with all members but the best."""
        best = min(range(len(self.members)), key=self.objectives.__getitem__)
        self.members = [self.members[best]]
        self.objectives = [self.objectives[best]]
        self._known = {self.members[0].tobytes()}
