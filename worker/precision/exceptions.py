"""Everything that can be wrong with a question put to the precision core.

::

    PrecisionError
    ├── InvalidValueError      (also ValueError)       a variable's value cannot be read
    ├── OutsideDomainError     (also ValueError)       no real value there
    ├── TooLargeError          (also OverflowError)    beyond the exponents kept
    ├── OutOfReachError        (also ValueError)       it would take too long there
    ├── UndecidedError         (also ArithmeticError)  more precision did not decide it
    ├── StoppedError                                   the caller said stop
    └── DisagreementError      (also RuntimeError)     a fault of ours: never answered
"""


class PrecisionError(Exception):
    """The expression has no answer as it was put.

    Parameters
    ----------
    message
        What is wrong, in the caller's words.
    position
        Where in the expression, in characters from 0.
    suggestion
        What to do about it.
    """

    def __init__(
        self, message: str = "", *, position: int | None = None, suggestion: str = ""
    ) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.position = position
        self.suggestion = suggestion


class InvalidValueError(PrecisionError, ValueError):
    """A variable's value is not a number that can be read exactly.

    Parameters
    ----------
    message
        What is wrong, in the caller's words.
    name
        Of the variable.
    suggestion
        What to do about it.
    """

    def __init__(self, message: str, *, name: str, suggestion: str = "") -> None:
        super().__init__(message, suggestion=suggestion)
        self.name = name


class OutsideDomainError(PrecisionError, ValueError):
    """A part of the expression has no real value at this point."""


class TooLargeError(PrecisionError, OverflowError):
    """A part of the expression is larger than any number kept here."""


class OutOfReachError(PrecisionError, ValueError):
    """A function is not computed at arguments of this size: it would take too long."""


class UndecidedError(PrecisionError, ArithmeticError):
    """The working precision allowed does not decide the question."""


class StoppedError(PrecisionError):
    """The caller said stop before there was an answer."""


class DisagreementError(PrecisionError, RuntimeError):
    """Two independent algorithms enclose different numbers: one of them is wrong."""
