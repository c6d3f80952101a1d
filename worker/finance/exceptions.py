"""What can be wrong with a cash flow, in words that a caller can act on.

FinanceError
├── FlowError            amounts, dates or their number cannot be valued
├── RateError            a rate at or below -1, or one that takes values out of range
└── CorrelationError     a matrix that is no correlation matrix
"""


class FinanceError(ValueError):
    """The cash flow cannot be valued."""

    def __init__(
        self, message: str, *, suggestion: str, path: tuple[str | int, ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion
        self.path = path
        """Names and positions that lead to what is wrong, as far as it is known."""


class FlowError(FinanceError):
    """Amounts, dates or their number cannot be valued."""


class RateError(FinanceError):
    """The rate has no discount factor, or takes values out of a double's range."""


class CorrelationError(FinanceError):
    """The matrix is not a correlation matrix."""
