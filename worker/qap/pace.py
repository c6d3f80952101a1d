"""How much to do in one go, so that it takes about as long as wished."""

_GROWTH = 4.0


class Pace:
    """Learn how many steps fit into a slice of time.

    Parameters
    ----------
    target_s
        The length of a slice, in seconds.

    Examples
    --------
    >>> pace = Pace(0.05)
    >>> pace.steps
    1
    >>> pace.learn(1, 0.01)
    >>> pace.steps
    4
    >>> pace.learn(4, 0.04)
    >>> pace.steps
    5
    """

    __slots__ = ("_target_s", "steps")

    def __init__(self, target_s: float) -> None:
        self._target_s = target_s
        self.steps = 1
        """How many to do next: at least 1."""

    def learn(self, steps: int, elapsed_s: float) -> None:
        """Take into account how long a slice took.

        Parameters
        ----------
        steps
            How many were done; of 0 nothing is learnt.
        elapsed_s
            How long they took, in seconds.
        """
        if steps < 1:
            return
        most = steps * _GROWTH
        fitting = steps * self._target_s / elapsed_s if elapsed_s > 0 else most
        self.steps = max(1, int(min(fitting, most)))

    def within(self, seconds: float) -> int:
        """Return how many steps fit into a slice that may be cut short.

        Parameters
        ----------
        seconds
            What is left of the time, if less than a slice.

        Returns
        -------
        int
            At least 1.
        """
        share = min(1.0, max(0.0, seconds / self._target_s))
        return max(1, int(self.steps * share))
