"""When a long walk looks up to offer what it has found."""


class Checkpoints:
    """Iterations at which to offer, the same however a run is sliced.

    To offer costs an evaluation from scratch, that of many swaps. Checkpoints lie a
    quarter of all iterations apart, but not too near and not too far: a run that
    stops anywhere loses little.

    Parameters
    ----------
    shortest, longest
        The least and the largest distance between two: ``1 <= shortest <= longest``.

    Examples
    --------
    >>> checkpoints = Checkpoints(shortest=10, longest=100)
    >>> checkpoints.left(0), checkpoints.reached(10), checkpoints.left(10)
    (10, True, 10)
    """

    def __init__(self, shortest: int, longest: int) -> None:
        self._shortest = shortest
        self._longest = longest
        self._next = shortest

    def left(self, iteration: int) -> int:
        """Return how many iterations there are until the next: at least 1.

        Parameters
        ----------
        iteration
            How many were done.

        Returns
        -------
        int
            1 if the next has been passed over.
        """
        return max(1, self._next - iteration)

    def reached(self, iteration: int) -> bool:
        """Return whether one is due; if so, set the next.

        Parameters
        ----------
        iteration
            How many were done.

        Returns
        -------
        bool
            Whether the last one set is not after `iteration`.
        """
        if iteration < self._next:
            return False
        distance = min(max(iteration // 4, self._shortest), self._longest)
        self._next = iteration + distance
        return True


def checkpoints(order: int, portion: int) -> Checkpoints:
    """Return those for a walk over swaps.

    Parameters
    ----------
    order
        How many facilities there are. An evaluation costs some twenty times as many
        swaps.
    portion
        How many swaps are weighed in some milliseconds.

    Returns
    -------
    Checkpoints
        At most some tens of milliseconds apart.

    Examples
    --------
    >>> checkpoints(30, 1000).left(0)
    30
    """
    return Checkpoints(order, portion + 50 * order)
