"""The best permutation of a run, and how its objective came down."""

import numpy as np

from worker.qap.arrays import IntVector
from worker.qap.instance import Instance
from worker.qap.objective import objective
from worker.qap.result import Improvements

_TRACE_SIZE = 10_000


class Incumbent:
    """The best permutation offered so far.

    Its objective is always computed from scratch, never taken on trust.

    Parameters
    ----------
    instance
        What it solves.
    permutation
        Shape ``(n,)``, int64: the first; copied.

    Attributes
    ----------
    objective
        Of `permutation`.

    Examples
    --------
    >>> instance = Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    >>> incumbent = Incumbent(instance, np.array([0, 1]))
    >>> incumbent.offer(np.array([1, 0]), 11, 4), incumbent.objective
    (True, 11)
    >>> incumbent.offer(np.array([0, 1]), 17, 5), incumbent.improvements.iterations
    (False, array([0, 4]))
    """

    def __init__(self, instance: Instance, permutation: IntVector) -> None:
        self._instance = instance
        self._permutation = permutation.copy()
        self.objective = objective(instance, permutation)
        self._iterations = [0]
        self._objectives = [self.objective]

    @property
    def permutation(self) -> IntVector:
        """The permutation: shape ``(n,)``, int64, a copy."""
        return self._permutation.copy()

    @property
    def improvements(self) -> Improvements:
        """The objective of each incumbent so far, by iteration."""
        number = np.int64 if self._instance.is_exact else np.float64
        return Improvements(
            np.array(self._iterations, dtype=np.int64),
            np.array(self._objectives, dtype=number),
        )

    def offer(self, permutation: IntVector, value: float, iteration: int) -> bool:
        """Take `permutation` if it is better.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64; copied.
        value
            What the search believes its objective to be. Unless that is lower than
            the incumbent's, nothing is computed.
        iteration
            In which it was found; not before the last one taken.

        Returns
        -------
        bool
            Whether it has become the incumbent.
        """
        if not value < self.objective:
            return False
        found = objective(self._instance, permutation)
        if not found < self.objective:
            return False
        self.objective = found
        self._permutation = permutation.copy()
        self._record(iteration, found)
        return True

    def follow(
        self, permutation: IntVector, improvements: Improvements, offset: int
    ) -> bool:
        """Take the incumbent of a search within the search, with its history.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64: the inner search's incumbent; copied.
        improvements
            The inner search's: those that are none here are passed over. So are
            those seen at a call before, which makes it safe to call again.
        offset
            How many iterations were done before the inner search began.

        Returns
        -------
        bool
            Whether `permutation` has become the incumbent.
        """
        # The inner search's own values, which may be rounded, are compared with each
        # other only: what is recorded must not depend on when this is called.
        least = self._objectives[-1]
        if not improvements.objectives[-1] < least:
            return False
        found = objective(self._instance, permutation)
        if not found < self.objective:
            return False
        below = improvements.objectives < least
        for iteration, value in zip(
            improvements.iterations[below].tolist(),
            improvements.objectives[below].tolist(),
            strict=True,
        ):
            self._record(offset + iteration, value)
        self.objective = found
        self._permutation = permutation.copy()
        return True

    def _record(self, iteration: int, value: int | float) -> None:
        # Of several in one iteration, and of those past the size, the last stays.
        if self._iterations[-1] == iteration or len(self._iterations) == _TRACE_SIZE:
            self._iterations[-1], self._objectives[-1] = iteration, value
            return
        self._iterations.append(iteration)
        self._objectives.append(value)
