"""What a variable may be given as its value, by its text and size alone."""

import math
import re

from db.contracts.expression.errors import ExpressionError
from db.contracts.expression.limits import MAX_LITERAL_EXPONENT, MAX_VALUE_LENGTH

_DECIMAL = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?(?P<{}>[0-9]+))?"
_ABOVE, _BELOW = _DECIMAL.format("above"), _DECIMAL.format("below")
_VALUE = re.compile(rf"[+-]?{_ABOVE}(?:[ ]*/[ ]*(?P<divisor>{_BELOW}))?")


def check_value(value: int | float | str) -> None:
    """Raise ExpressionError unless this stands for one rational number. O(length)."""
    if isinstance(value, bool):
        raise ExpressionError(
            "true and false are not numbers", suggestion="Send 1 or 0."
        )
    if isinstance(value, int):
        if value.bit_length() > MAX_VALUE_LENGTH * 3:
            raise _too_long()
        return
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ExpressionError(
                "the value is not finite", suggestion="Send a finite number."
            )
        return
    if len(value) > MAX_VALUE_LENGTH:
        raise _too_long()
    found = _VALUE.fullmatch(value.strip(" \t"))
    if found is None:
        raise ExpressionError(
            "the value is not a number",
            suggestion="Send a number, or text such as 0.1, 2.5e-7 or 22/7.",
        )
    for exponent in (found["above"], found["below"]):
        sized = (exponent or "").lstrip("0")
        if len(sized) > 6 or int(sized or "0") > MAX_LITERAL_EXPONENT:
            raise _too_long()
    divisor = found["divisor"]
    if divisor and not re.search("[1-9]", re.split("[eE]", divisor)[0]):
        raise ExpressionError("the value divides by 0", suggestion="Send another one.")


def _too_long() -> ExpressionError:
    return ExpressionError(
        f"the value has more than {MAX_VALUE_LENGTH:,} characters, or an exponent "
        f"beyond {MAX_LITERAL_EXPONENT:,}",
        suggestion="Give fewer digits.",
    )
