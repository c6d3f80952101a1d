"""The bounds of one run, computed in the pauses of its search."""

from collections.abc import Callable, Sequence
from typing import Final

from worker.qap.bounds.bound import Bound, BoundComputation
from worker.qap.instance import Instance
from worker.qap.pace import Pace

_SLICE_S: Final = 0.02
_SHARE: Final = 0.125


class Bounding:
    """Compute bounds one after another, and leave the search most of the time.

    Until the first bound is finished each call of `advance` does a slice. After that
    it does one only while all slices together have taken less than an eighth of the
    run.

    Parameters
    ----------
    instance
        What to bound.
    bounds
        Those that apply to it, in this order.
    clock
        Returns seconds that never fall.

    Examples
    --------
    >>> from itertools import count
    >>> from worker.qap.bounds import BOUNDS
    >>> instance = Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    >>> bounding = Bounding(instance, [BOUNDS["trivial"]], count().__next__)
    >>> [bounding.advance(elapsed_s=second) for second in (1, 2, 3)]
    [None, None, 11]
    >>> bounding.name
    'trivial'
    """

    def __init__(
        self,
        instance: Instance,
        bounds: Sequence[Bound],
        clock: Callable[[], float],
    ) -> None:
        self.name: str | None = None
        """The bound that `advance` was last at."""
        self._instance = instance
        self._waiting = list(bounds)
        self._clock = clock
        self._computation: BoundComputation | None = None
        self._pace = Pace(_SLICE_S)
        self._spent_s = 0.0
        self._has_finished_one = False

    def advance(self, elapsed_s: float) -> int | float | None:
        """Do one slice of the bound whose turn it is, if it is time for that.

        Parameters
        ----------
        elapsed_s
            Seconds since the run began.

        Returns
        -------
        int, float or None
            What that bound has proven so far; None if nothing was done or proven.
        """
        if self._has_finished_one and self._spent_s >= _SHARE * elapsed_s:
            return None
        if self._computation is None and not self._waiting:
            return None
        before = self._clock()
        if self._computation is None:
            bound = self._waiting.pop(0)
            self.name = bound.name
            self._computation = bound.start(self._instance)
            self._pace = Pace(_SLICE_S)
        computation, begun = self._computation, self._clock()
        done = computation.advance(self._pace.steps)
        now = self._clock()
        self._pace.learn(done, now - begun)
        self._spent_s += now - before
        if computation.finished:
            self._computation = None
            self._has_finished_one = True
        return computation.value
