"""What is wrong with the text of an expression, where, and what to do about it."""


def placed(message: str, position: int | None) -> str:
    """Return the message with where in the expression it belongs, if that is known."""
    return message if position is None else f"{message}, at character {position + 1}"


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
