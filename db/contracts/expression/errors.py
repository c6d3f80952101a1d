"""What is wrong with the text of an expression, where, and what to do about it."""


class ExpressionError(ValueError):
    """The text is no expression that can be evaluated.

    ``position`` counts characters from 0; ``suggestion`` is a sentence, or empty.
    """

    def __init__(
        self, message: str, *, position: int | None = None, suggestion: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.suggestion = suggestion
