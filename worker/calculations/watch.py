"""How a calculation tells how far it is, and hears that it has to stop."""

from typing import Protocol


class Watch(Protocol):
    """What the function of a calculation is given beside its parameters."""

    def __call__(self, fraction: float, message: str = "") -> bool:
        """Tell how much is done, from 0 to 1; call it as often as you like.

        Returns whether to go on. Told not to, a calculation returns what it has, or
        raises StoppedError where that is nothing.
        """
        ...


class StoppedError(Exception):
    """A calculation was told to stop, and has nothing to show."""
