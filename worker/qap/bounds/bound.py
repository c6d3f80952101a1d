"""What a bound is, and what a computation of it promises."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from worker.qap.instance import Instance


class BoundComputation(Protocol):
    """A bound in the making: it stands still between two calls of `advance`."""

    @property
    def value(self) -> int | float | None:
        """What is proven so far, or None; an int if the instance is exact.

        No permutation has a lower objective. It never falls.
        """

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""

    def advance(self, steps: int) -> int:
        """Do at most `steps` and at least one; return how many were done.

        One step is short: :math:`O(n^2)`.
        """


def _any_instance(instance: Instance) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A named way to prove that nothing lies below a number.

    Parameters
    ----------
    name
        Its key in `BOUNDS` and the name of its file.
    title
        How people write it.
    summary
        One sentence: how it is computed.
    version
        Raised when its value changes.
    complexity_time, complexity_space
        Of the whole computation, as text.
    reference
        The paper it follows.
    start
        Returns a computation that has not advanced yet.
    applies
        Returns why an instance is out of its reach, or None; takes any by default.
    """

    name: str
    title: str
    summary: str
    version: str
    complexity_time: str
    complexity_space: str
    reference: str
    start: Callable[[Instance], BoundComputation]
    applies: Callable[[Instance], str | None] = _any_instance
