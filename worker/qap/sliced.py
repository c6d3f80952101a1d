"""Searches written as one story and told in slices."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from worker.qap.arrays import IntVector
from worker.qap.incumbent import Incumbent
from worker.qap.instance import Instance
from worker.qap.result import Improvements


class SlicedSearch(ABC):
    """A search whose `portions` is a generator: it stops wherever that yields.

    A method writes its algorithm from top to bottom, with loops as in the paper, and
    yields after each portion of work how many iterations that was. Everything that
    `Search` promises follows from that.

    Parameters
    ----------
    instance
        What to solve.
    permutation
        Shape ``(n,)``, int64: the first incumbent; copied.

    Attributes
    ----------
    incumbent
        The best permutation so far. A subclass offers to it.
    iterations
        How many were done, without the portion in progress.
    allowance
        How many iterations the portion in progress may have: at least 1.
    finished
        Whether the generator has ended.
    bound
        A lower bound that the search has proven, or None.
    immigrant
        The last permutation that another search has found, with its objective, or
        None. A subclass may make use of it when it stagnates, and then forgets it; it
        is no incumbent, for it was not found here.
    """

    def __init__(self, instance: Instance, permutation: IntVector) -> None:
        self.incumbent = Incumbent(instance, permutation)
        self.iterations = 0
        self.allowance = 1
        self.finished = False
        self.bound: int | float | None = None
        self.immigrant: tuple[IntVector, float] | None = None
        self._running: Iterator[int] | None = None

    @abstractmethod
    def portions(self) -> Iterator[int]:
        """Search, yielding after each portion how many iterations it was.

        Yields
        ------
        int
            From 1 to `allowance`; or 0 after work that counts as none, whenever it
            has taken some milliseconds. One portion stays well below 50 ms.
        """

    @property
    def objective(self) -> int | float:
        """The objective of the incumbent."""
        return self.incumbent.objective

    @property
    def permutation(self) -> IntVector:
        """The incumbent: shape ``(n,)``, int64, a copy."""
        return self.incumbent.permutation

    @property
    def improvements(self) -> Improvements:
        """The objective of each incumbent so far, by iteration."""
        return self.incumbent.improvements

    def welcome(self, permutation: IntVector, value: float) -> None:
        """Hear of a permutation that another search has found.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64; it must not change later.
        value
            Its objective.
        """
        self.immigrant = permutation, value

    def advance(self, iterations: int) -> int:
        """Do at most `iterations`.

        Parameters
        ----------
        iterations
            At least 1.

        Returns
        -------
        int
            How many were done; fewer after a portion without any, or at the end.
        """
        if self._running is None:
            self._running = self.portions()
        target = self.iterations + iterations
        while self.iterations < target:
            self.allowance = target - self.iterations
            done = next(self._running, None)
            if done is None:
                self.finished = True
                break
            self.iterations += done
            if done == 0:
                break
        return iterations - (target - self.iterations)
