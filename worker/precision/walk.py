"""Goes along an expression's steps: exactly where it can, in balls elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flint import arb, fmpq, fmpz

from db.contracts.expression import (
    FUNCTIONS,
    Binary,
    Call,
    Constant,
    Expression,
    Negate,
    Node,
    Number,
    Variable,
)
from worker.precision.domains import (
    ORDERED,
    REACH,
    Answer,
    Value,
    as_ball,
    differs,
    in_domain,
    in_reach,
)
from worker.precision.domains import power as power_domain
from worker.precision.exact import exact_binary, exact_call
from worker.precision.exceptions import (
    OutOfReachError,
    OutsideDomainError,
    PrecisionError,
    StoppedError,
    TooLargeError,
)
from worker.precision.inputs import literal

MAX_EXPONENT = 1_000_000_000
"""Of ten: any value that is certainly larger ends the evaluation."""
_LIMIT = arb(2) ** fmpz(3_321_928_095)
_TINY = arb(2) ** fmpz(-3_321_928_094)
_STEPS = frozenset({"floor", "ceil", "sign"})
_SHOWN_DIGITS = 12

OnProgress = Callable[[float], bool] | None


def part(on_progress: OnProgress, begin: float, end: float) -> OnProgress:
    """Return what is told the shares of a part, which lie from begin to end."""
    if on_progress is None:
        return None
    told = on_progress
    return lambda share: told(begin + share * (end - begin))


@dataclass(frozen=True, slots=True)
class Algorithms:
    """One way to compute every function and constant, on balls."""

    name: str
    calls: Mapping[str, Callable[..., arb]]
    constants: Mapping[str, Callable[[], arb]]
    power: Callable[[Value, Value], arb]


class NotYetError(PrecisionError):
    """The precision does not decide what comes next; a higher one may."""


def exact_values(
    expression: Expression, variables: Mapping[str, fmpq]
) -> dict[int, fmpq]:
    """Return the values of those steps that are rational, by the id of their node.

    Raises
    ------
    OutsideDomainError
        A step has no real value at a point that is known exactly.

    Notes
    -----
    O(nodes) operations on rationals of up to `exact.MAX_BITS` bits.
    """
    known: dict[int, fmpq] = {}
    for node in expression.steps:
        value: fmpq | None = None
        match node:
            case Number():
                value = literal(node.text)
            case Variable():
                value = variables[node.name]
            case Negate() if id(node.operand) in known:
                value = -known[id(node.operand)]
            case Binary() if id(node.left) in known and id(node.right) in known:
                left, right = known[id(node.left)], known[id(node.right)]
                _require(
                    expression, node, _binary_domain(node, left, right), left, right
                )
                value = exact_binary(node.operator, left, right)
            case Call() if all(id(each) in known for each in node.arguments):
                arguments = tuple(known[id(each)] for each in node.arguments)
                inside = in_domain(node.function, arguments)
                if inside is None:
                    continue
                _require(expression, node, inside, *arguments)
                value = exact_call(node.function, arguments)
        if value is not None:
            known[id(node)] = value
    return known


def enclose(
    expression: Expression,
    exact: Mapping[int, fmpq],
    algorithms: Algorithms,
    on_step: OnProgress = None,
) -> Value:
    """Return a ball that holds the expression's value, at the working precision.

    Parameters
    ----------
    expression
        Its steps are done in their order, each once.
    exact
        The steps that are known exactly, from `exact_values`.
    algorithms
        Which routine computes each function.
    on_step
        Told the share that is done; it says whether to go on.

    Returns
    -------
    fmpq or arb
        Finite.

    Raises
    ------
    OutsideDomainError, TooLargeError
        No precision would give it a value that is kept here.
    NotYetError
        This precision does not tell on which side of an edge a value lies.
    StoppedError
        `on_step` said so.

    Notes
    -----
    The balls of the steps are those of interval arithmetic: they hold the value, and
    are wider than necessary where one quantity occurs twice.
    """
    values: dict[int, Value] = dict(exact)
    for number, node in enumerate(expression.steps):
        if id(node) in exact:
            continue
        if on_step is not None and not on_step(number / len(expression.steps)):
            raise StoppedError
        values[id(node)] = _step(expression, node, values, algorithms)
    return values[id(expression.root)]


def _step(
    expression: Expression,
    node: Node,
    values: Mapping[int, Value],
    algorithms: Algorithms,
) -> Value:
    match node:
        case Constant():
            return algorithms.constants[node.name]()
        case Negate():
            return -values[id(node.operand)]
        case Binary():
            left, right = values[id(node.left)], values[id(node.right)]
            inside = _binary_domain(node, left, right)
            _require(expression, node, inside, left, right)
            ball = _binary(node.operator, left, right, algorithms)
        case Call():
            given = tuple(values[id(each)] for each in node.arguments)
            _require(expression, node, in_domain(node.function, given), *given)
            if not in_reach(node.function, given):
                raise _out_of_reach(expression, node)
            ball = algorithms.calls[node.function](*given)
            if node.function in _STEPS and not ball.is_exact():
                raise NotYetError(
                    f"{_named(expression, node)} jumps at a whole number, and more "
                    "precision does not tell on which side its argument lies",
                    position=node.start,
                )
        case _:
            raise AssertionError(node)
    if not ball.is_finite():
        if node_is_huge(node, values):
            raise TooLargeError(
                f"{_named(expression, node)} cannot be bounded: what goes in is too "
                "large",
                position=node.start,
                suggestion="Choose arguments of a more ordinary size.",
            )
        raise NotYetError(
            f"{_named(expression, node)} cannot be bounded", position=node.start
        )
    if ball > _LIMIT or ball < -_LIMIT:
        raise _too_large(expression, node)
    if ball < _TINY and ball > -_TINY and not ball.is_zero():
        # All that is kept of it: exponents have a limit on this side too.
        return arb(0, _TINY)
    return ball


def _binary(operator: str, left: Value, right: Value, algorithms: Algorithms) -> arb:
    match operator:
        case "+":
            return as_ball(left) + as_ball(right)
        case "-":
            return as_ball(left) - as_ball(right)
        case "*":
            return as_ball(left) * as_ball(right)
        case "/":
            return as_ball(left) / as_ball(right)
    return algorithms.power(left, right)


def _binary_domain(node: Binary, left: Value, right: Value) -> Answer:
    if node.operator == "/":
        return differs(right, fmpq(0))
    return power_domain(left, right) if node.operator == "**" else True


def node_is_huge(node: Node, values: Mapping[int, Value]) -> bool:
    """Tell whether what goes in is so large that what comes out may be infinite."""
    inner: tuple[Node, ...] = ()
    if isinstance(node, Call):
        inner = node.arguments
    elif isinstance(node, Binary):
        inner = (node.left, node.right)
    return any(abs(as_ball(values[id(each)])) > MAX_EXPONENT for each in inner)


def _too_large(expression: Expression, node: Node) -> TooLargeError:
    return TooLargeError(
        f"{_named(expression, node)} is larger than 10**{MAX_EXPONENT:,}",
        position=node.start,
        suggestion="Work with its logarithm instead.",
    )


def _out_of_reach(expression: Expression, node: Call) -> OutOfReachError:
    names = FUNCTIONS[node.function].parameters
    limits = ", ".join(
        f"{name} to {most:,.0f}"
        for name, most in zip(names, REACH[node.function], strict=True)
    )
    whole = " (an order with at most 19 decimals)" * (node.function in ORDERED)
    return OutOfReachError(
        f"{_named(expression, node)} would take too long",
        position=node.start,
        suggestion=f"{node.function} is computed up to these sizes: {limits}{whole}.",
    )


def _require(expression: Expression, node: Node, inside: Answer, *given: Value) -> None:
    if inside:
        return
    named = _named(expression, node)
    if inside is None:
        edge = (
            "its divisor may be 0"
            if isinstance(node, Binary) and node.operator == "/"
            else "its argument may lie on the edge of the domain"
        )
        raise NotYetError(f"{named} cannot be decided: {edge}", position=node.start)
    if isinstance(node, Binary) and node.operator == "/":
        raise OutsideDomainError(
            f"{named} divides by 0",
            position=node.start,
            suggestion="Choose another point, or leave the quotient out.",
        )
    name = node.function if isinstance(node, Call) else "pow"
    point = ", ".join(_shown(each) for each in given)
    suggestion = f"{FUNCTIONS[name].signature} is real where: {FUNCTIONS[name].domain}."
    if name == "pow" and as_ball(given[0]) < 0:
        suggestion += " cbrt(x) and root(x, n) take odd roots of negative numbers."
    raise OutsideDomainError(
        f"{named} has no real value at ({point})",
        position=node.start,
        suggestion=suggestion,
    )


def _named(expression: Expression, node: Node) -> str:
    text = expression.text(node)
    return text if len(text) <= 60 else text[:57] + "..."


def _shown(value: Value) -> str:
    if isinstance(value, fmpq) and value.p.bit_length() + value.q.bit_length() < 64:
        return value.str()
    return str(as_ball(value).str(_SHOWN_DIGITS, radius=False))
