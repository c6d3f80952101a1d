"""How long an expression takes, roughly, and the refusal of what takes too long."""

import math

from db.contracts.expression.errors import ExpressionError
from db.contracts.expression.limits import MAX_SECONDS
from db.contracts.expression.names import CONSTANTS, FUNCTIONS, SPECIAL
from db.contracts.expression.nodes import Binary, Call, Constant, Expression, Node

_CALL_SECONDS = 1e-4
"""What any evaluation takes."""
_STEP_SECONDS = 1e-5
"""What any step takes, however few the digits."""
_TRIES = 2.0
"""A second evaluation at a higher precision, and the second algorithm."""


def estimate_seconds(expression: Expression, digits: int) -> float:
    """Return about how long it takes on one core, to a factor of a few. O(nodes).

    With arguments of ordinary size; cancellation and large arguments cost more.
    """
    steps = sum(_seconds(node, digits) for node in expression.steps)
    return _CALL_SECONDS + _TRIES * steps


def is_bounded(expression: Expression) -> bool:
    """Return whether the estimate holds for arguments of any size.

    The library's routines of special functions may, for some, run for hours at any
    number of digits, or end their process.
    """
    return expression.functions.isdisjoint(SPECIAL)


def check_cost(expression: Expression, digits: int, *, points: int = 1) -> None:
    """Raise ExpressionError if a function allows fewer digits, or it takes too long."""
    for node in expression.steps:
        if isinstance(node, Call):
            limit = FUNCTIONS[node.function].max_digits
        elif isinstance(node, Constant):
            limit = CONSTANTS[node.name].max_digits
        else:
            continue
        if digits > limit:
            name = node.function if isinstance(node, Call) else node.name
            raise ExpressionError(
                f"{name} is computed to at most {limit:,} digits",
                position=node.start,
                suggestion=f"Ask for at most {limit:,} digits.",
            )
    seconds = points * estimate_seconds(expression, digits)
    if seconds > MAX_SECONDS:
        raise ExpressionError(
            f"this would take about {seconds:,.0f} s, and {MAX_SECONDS:,.0f} s is the "
            "limit",
            suggestion="Ask for fewer digits" + (" or points." if points > 1 else "."),
        )


def _seconds(node: Node, digits: int) -> float:
    match node:
        case Call():
            function = FUNCTIONS[node.function]
            base, growth = function.milliseconds, function.growth
        case Constant():
            constant = CONSTANTS[node.name]
            base, growth = constant.milliseconds, constant.growth
        case Binary(operator="**"):
            base, growth = 0.1, 1.6
        case Binary():
            base, growth = 0.005, 1.3
        case _:
            return _STEP_SECONDS
    return _STEP_SECONDS + base / 1000 * math.pow(digits / 1000, growth)
