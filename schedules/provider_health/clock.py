"""The database's clock, as a process reads it between two questions to the database."""

import time


class Clock:
    """Goes on from what the database said last: leases and grids are by its clock."""

    def __init__(self) -> None:
        self._ahead = time.time() - time.monotonic()

    def set(self, moment: float) -> None:
        """Learn what the database's clock says now."""
        self._ahead = moment - time.monotonic()

    def now(self) -> float:
        """Return seconds since 1970."""
        return time.monotonic() + self._ahead
