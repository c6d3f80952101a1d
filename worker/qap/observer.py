"""How a run tells others what happens, without knowing who they are."""

from worker.qap.arrays import IntVector
from worker.qap.instance import Instance
from worker.qap.result import Progress, Result


class Observer:
    """Hear of a run and do nothing; override what matters.

    All calls come from the thread that called `solve`, between slices. What they
    raise ends the run and reaches its caller.
    """

    def on_start(self, instance: Instance, method_name: str) -> None:
        """Hear that a run starts: once, before anything else.

        Parameters
        ----------
        instance
            What is to be solved.
        method_name
            By which method.
        """

    def on_incumbent(self, progress: Progress, permutation: IntVector) -> None:
        """Hear of a better incumbent: at the start, then once a slice at most.

        Parameters
        ----------
        progress
            Its `objective` is lower than at the call before.
        permutation
            Shape ``(n,)``, int64: a copy, the receiver's own.
        """

    def on_immigrant(self, progress: Progress, permutation: IntVector) -> None:
        """Hear that a permutation found elsewhere has become the incumbent.

        Parameters
        ----------
        progress
            Its `objective` is lower than at the call before.
        permutation
            Shape ``(n,)``, int64: a copy, the receiver's own.
        """

    def on_bound(self, progress: Progress, bound_name: str) -> None:
        """Hear of a better bound.

        Parameters
        ----------
        progress
            Its `bound` is higher than at the call before.
        bound_name
            What proved it: a bound or a method.
        """

    def on_slice(self, progress: Progress) -> None:
        """Hear that the run is alive: about every 50 ms.

        Parameters
        ----------
        progress
            Where the run stands.
        """

    def on_end(self, result: Result) -> None:
        """Hear that the run has ended: once, after everything else.

        Parameters
        ----------
        result
            What `solve` is about to return.
        """
