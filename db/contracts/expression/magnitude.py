"""Refuses towers of powers by their size, which is bounded without computing them.

Each part made of literals alone gets an interval of floats that holds its value,
rounded outward; a power whose logarithm is certainly beyond the limit is refused. What
is not certain is left to the worker, where no value can grow beyond the same limit.
"""

import math

from db.contracts.expression.errors import ExpressionError
from db.contracts.expression.limits import MAX_EXPONENT
from db.contracts.expression.nodes import Binary, Expression, Negate, Node, Number

_Interval = tuple[float, float]
_LIMIT = MAX_EXPONENT * math.log2(10)


def refuse_towers(expression: Expression) -> None:
    """Raise ExpressionError at a power that is certainly too large. O(nodes)."""
    known: dict[int, _Interval] = {}
    for node in expression.steps:
        interval = _interval(node, known)
        if interval is not None:
            known[id(node)] = interval


def _interval(node: Node, known: dict[int, _Interval]) -> _Interval | None:
    if isinstance(node, Number):
        return _outward(value := float(node.text), value)
    if isinstance(node, Negate):
        inner = known.get(id(node.operand))
        return None if inner is None else (-inner[1], -inner[0])
    if not isinstance(node, Binary):
        return None
    left, right = known.get(id(node.left)), known.get(id(node.right))
    if left is None or right is None:
        return None
    match node.operator:
        case "+":
            return _outward(left[0] + right[0], left[1] + right[1])
        case "-":
            return _outward(left[0] - right[1], left[1] - right[0])
        case "*":
            return _products(left, right)
        case "/" if right[0] > 0 or right[1] < 0:
            inverse = _outward(1 / right[1], 1 / right[0])
            return None if inverse is None else _products(left, inverse)
        case "**":
            return _power(left, right, node)
    return None


def _power(base: _Interval, exponent: _Interval, node: Node) -> _Interval | None:
    if base[0] <= 0:
        return None
    logs = [math.log2(end) if math.isfinite(end) else math.inf for end in base]
    ends = [a * b for a in logs for b in exponent]
    if any(math.isnan(end) for end in ends):
        return None
    # Rounding of the logarithms is far smaller than this margin.
    low, high = min(ends) * (1 - 1e-9) - 1e-9, max(ends) * (1 + 1e-9) + 1e-9
    low, high = min(low, min(ends)), max(high, max(ends))
    if low > _LIMIT or high < -_LIMIT:
        raise ExpressionError(
            f"this power is larger than 10**{MAX_EXPONENT:,}"
            if low > 0
            else f"this power is smaller than 10**-{MAX_EXPONENT:,}",
            position=node.start,
            suggestion="Work with its logarithm instead.",
        )
    # A base near 1 has a logarithm near 0, of which nothing is left to bound with.
    if min(abs(log) for log in logs) < 1e-6:
        return None
    return _outward(_exp2(low), _exp2(high))


def _exp2(x: float) -> float:
    return math.inf if x >= 1024 else math.exp2(x)


def _products(a: _Interval, b: _Interval) -> _Interval | None:
    ends = [x * y for x in a for y in b]
    if any(math.isnan(end) for end in ends):
        return None
    return _outward(min(ends), max(ends))


def _outward(low: float, high: float) -> _Interval | None:
    if math.isnan(low) or math.isnan(high):
        return None
    return math.nextafter(low, -math.inf), math.nextafter(high, math.inf)
