"""Searches that go from local optimum to local optimum."""

from collections.abc import Generator

from worker.qap.arrays import IntVector
from worker.qap.checkpoints import checkpoints
from worker.qap.descent import Descent
from worker.qap.instance import Instance
from worker.qap.neighbourhood import Neighbourhood
from worker.qap.sliced import SlicedSearch


class DescendingSearch(SlicedSearch):
    """A search that descends again and again; one iteration is one swap weighed.

    Parameters
    ----------
    instance
        What to solve.
    ready
        The instance made ready.
    permutation
        Shape ``(n,)``, int64: the first incumbent; copied.

    Attributes
    ----------
    instance, ready
        As given.
    descent
        What `descend` moves.
    """

    def __init__(
        self, instance: Instance, ready: Neighbourhood, permutation: IntVector
    ) -> None:
        super().__init__(instance, permutation)
        self.instance = instance
        self.ready = ready
        self.descent = Descent(ready)
        self._checkpoints = checkpoints(instance.order, self.descent.portion)

    def descend(
        self, permutation: IntVector, value: float, order: IntVector
    ) -> Generator[int, None, float]:
        """Descend in portions, offering at checkpoints and at the end.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64: where to start; copied.
        value
            Its objective.
        order
            Shape ``(n,)``, int64: in which the facilities are tried.

        Yields
        ------
        int
            How many swaps were weighed.

        Returns
        -------
        float
            The objective of the local optimum, which is ``descent.permutation``.
        """
        descent = self.descent
        descent.start(permutation, order)
        while not descent.finished:
            left = self._checkpoints.left(self.iterations)
            done = descent.advance(min(left, self.allowance, descent.portion))
            now = self.iterations + done
            if self._checkpoints.reached(now) or descent.finished:
                self.incumbent.offer(descent.permutation, value + descent.gain, now)
            yield done
        return value + descent.gain
