"""Everything that can be wrong with a question put to the numeric core.

::

    QAPError
    ├── InvalidInstanceError        (also ValueError)
    │   ├── InexactInstanceError
    │   └── InfeasibleProblemError
    ├── InvalidParameterError       (also ValueError)
    ├── InvalidPermutationError     (also ValueError)
    ├── UnsupportedInstanceError    (also ValueError)
    ├── QAPLIBFormatError           (also ValueError)
    ├── UnknownMethodError          (also LookupError)
    ├── UnknownBoundError           (also LookupError)
    └── UnknownInstanceError        (also LookupError)
"""

from collections.abc import Iterable
from difflib import get_close_matches

Pointer = tuple[str | int, ...]


class QAPError(Exception):
    """The numeric core cannot answer the question as it was put."""


class InvalidInstanceError(QAPError, ValueError):
    """The matrices do not describe a quadratic assignment problem.

    Parameters
    ----------
    message
        What is wrong, in the caller's words.
    pointer
        Where: field, then row and column, such as ``("flow", 3, 0)``.
    suggestion
        What to do about it.
    """

    def __init__(
        self, message: str, *, pointer: Pointer = (), suggestion: str = ""
    ) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.suggestion = suggestion


class InexactInstanceError(InvalidInstanceError):
    """The integers are too large for their objective to be computed exactly."""


class InfeasibleProblemError(InvalidInstanceError):
    """The forbidden pairs leave too few locations to some facilities.

    Parameters
    ----------
    facilities, locations
        These facilities may stand at these locations only, of which there are fewer.
    """

    def __init__(self, facilities: list[int], locations: list[int]) -> None:
        super().__init__(
            f"{_listed('facility', 'facilities', facilities)} may only stand at "
            f"{_listed('location', 'locations', locations)}.",
            pointer=("forbidden",),
            suggestion="Allow one of these facilities one location more.",
        )
        self.facilities = facilities
        self.locations = locations


def _listed(one: str, many: str, numbers: list[int]) -> str:
    if not numbers:
        return f"no {one}"
    shown = ", ".join(map(str, numbers[:10])) + (", ..." if len(numbers) > 10 else "")
    noun = one if len(numbers) == 1 else f"{len(numbers)} {many}"
    return f"{noun} ({shown})" if len(numbers) > 1 else f"{noun} {shown}"


class InvalidParameterError(QAPError, ValueError):
    """A parameter lies outside its domain.

    Parameters
    ----------
    message
        What is wrong, in the caller's words.
    pointer
        Where, such as ``("parameters", "tenure")``.
    suggestion
        What to do about it.
    """

    def __init__(
        self, message: str, *, pointer: Pointer = (), suggestion: str = ""
    ) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.suggestion = suggestion


class InvalidPermutationError(QAPError, ValueError):
    """The array does not hold each of 0 to n-1 exactly once."""


class UnsupportedInstanceError(QAPError, ValueError):
    """The method or bound cannot handle an instance of this kind."""


class QAPLIBFormatError(QAPError, ValueError):
    """The text is not in QAPLIB's format."""


class _UnknownNameError(QAPError, LookupError):
    noun = "name"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        near = get_close_matches(name.lower(), known := sorted(known), n=1, cutoff=0.5)
        self.name = name
        self.suggestion = (
            f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known[:20])}."
        )
        super().__init__(f"There is no {self.noun} {name!r}. {self.suggestion}")


class UnknownMethodError(_UnknownNameError):
    """No method has this name."""

    noun = "method"


class UnknownBoundError(_UnknownNameError):
    """No bound has this name."""

    noun = "bound"


class UnknownInstanceError(_UnknownNameError):
    """The shipped library has no instance of this name."""

    noun = "QAPLIB instance"
