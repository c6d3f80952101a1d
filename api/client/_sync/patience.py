# Made of api/client/_async/patience.py by `make client`: change that one.
"""How long one bears with a service that is away."""

from time import monotonic, sleep

from api.client.transport import Pauses

PATIENCE_SECONDS = 60.0


class Patience:
    """Waits ever longer between tries, and gives up when it has been too long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.renew()

    def renew(self) -> None:
        """Begin anew: there was news."""
        self._pauses = Pauses()
        self.extend()

    def extend(self) -> None:
        """Wait on, no faster than before: the other side answers, without news."""
        self._end = monotonic() + self._seconds

    def is_over(self) -> bool:
        return monotonic() >= self._end

    def pause(self) -> None:
        sleep(self._pauses.next())
