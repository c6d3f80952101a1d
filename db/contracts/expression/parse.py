"""Reads an expression: Python's grammar, and a white list of what its tree may hold.

Nothing is ever evaluated, compiled or looked up: `ast` makes a tree, and this file
makes another of six kinds of nodes, or refuses. docs/adr/0033 says why.
"""

import ast
import difflib
import keyword
import re
import threading
from collections.abc import Iterable
from functools import lru_cache
from typing import NoReturn

from db.contracts.expression.errors import ExpressionError
from db.contracts.expression.limits import (
    MAX_DEPTH,
    MAX_NAME_LENGTH,
    MAX_NODES,
    MAX_VARIABLES,
)
from db.contracts.expression.magnitude import refuse_towers
from db.contracts.expression.names import CONSTANTS, FUNCTIONS, MEANT
from db.contracts.expression.nodes import (
    Binary,
    Call,
    Constant,
    Expression,
    Negate,
    Node,
    Number,
    Variable,
)
from db.contracts.expression.scan import ALLOWED, refuse_depth, refuse_size, scan

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
KEPT = 64
"""Expressions that are read once: each is asked for when it is checked, estimated and
evaluated, and often again with other values."""
_PARSING = threading.Lock()
"""CPython before 3.13 counts the depth of trees for all threads together: of two that
parse at once one may end in a SystemError."""


def parse(source: str, variables: Iterable[str] = ()) -> Expression:
    """Return the expression, or raise ExpressionError: in O(length), whatever is sent.

    ``variables`` are the names that have values; others are refused.
    """
    return _parsed(source, frozenset(variables))


@lru_cache(KEPT)
def _parsed(source: str, declared: frozenset[str]) -> Expression:
    for name in declared:
        check_variable(name)
    if len(declared) > MAX_VARIABLES:
        raise ExpressionError(
            f"there are more than {MAX_VARIABLES} variables",
            suggestion="Write the values of some into the expression.",
        )
    scan(source)
    stripped = source.lstrip(" \t")
    try:
        with _PARSING:
            tree = ast.parse(stripped, mode="eval")
    except SyntaxError as error:
        _refuse_syntax(source, stripped, error)
    except (RecursionError, MemoryError, ValueError):
        refuse_depth(0)
    reader = _Reader(source, len(source) - len(stripped), declared)
    root = reader.read(tree.body, 0)
    expression = Expression(source, root, tuple(reader.steps))
    refuse_towers(expression)
    return expression


def check_variable(name: str) -> None:
    """Raise ExpressionError unless this may be the name of a variable."""
    if len(name) > MAX_NAME_LENGTH or not _NAME.fullmatch(name):
        raise ExpressionError(
            "a variable has a name that cannot be written in an expression",
            suggestion=f"Use up to {MAX_NAME_LENGTH} letters, digits and underscores.",
        )
    if name in CONSTANTS or name in FUNCTIONS or keyword.iskeyword(name):
        raise ExpressionError(
            f"{name} has a meaning already and cannot be a variable",
            suggestion=f"Call it {name}_1.",
        )


class _Reader:
    """Makes our nodes of those of `ast`; equal parts become one node."""

    def __init__(self, source: str, offset: int, declared: frozenset[str]) -> None:
        self.source = source
        self.offset = offset
        self.declared = declared
        self.steps: list[Node] = []
        self.known: dict[tuple[object, ...], Node] = {}

    def read(self, node: ast.expr, depth: int) -> Node:
        start, end = self._span(node)
        if depth > MAX_DEPTH:
            refuse_depth(start)
        match node:
            case ast.Constant():
                return self._number(node, start, end)
            case ast.Name():
                return self._name(node.id, start, end)
            case ast.UnaryOp(op=ast.USub()):
                operand = self.read(node.operand, depth + 1)
                key = ("negate", id(operand))
                return self._keep(key, Negate(operand, start, end))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.read(node.operand, depth + 1)
            case ast.BinOp():
                return self._binary(node, depth)
            case ast.Call():
                return self._call(node, depth, start, end)
            case ast.Tuple():
                _refuse("a comma stands outside of a call", start, ALLOWED)
        raise ExpressionError(
            "this is not arithmetic", position=start, suggestion=ALLOWED
        )

    def _binary(self, node: ast.BinOp, depth: int) -> Node:
        # Sums and products lean to the left: 300 terms are one level, not 300.
        chain = [node]
        while (
            isinstance(chain[-1].left, ast.BinOp)
            and not isinstance(chain[-1].op, ast.Pow)
            and not isinstance(chain[-1].left.op, ast.Pow)
        ):
            chain.append(chain[-1].left)
        value = self.read(chain[-1].left, depth + 1)
        for part in reversed(chain):
            start, end = self._span(part)
            operator = _OPERATORS.get(type(part.op))
            if operator is None:
                _refuse("this is not an operator here", start, ALLOWED)
            right = self.read(part.right, depth + 1)
            key = (operator, id(value), id(right))
            value = self._keep(key, Binary(operator, value, right, start, end))
        return value

    def _call(self, node: ast.Call, depth: int, start: int, end: int) -> Node:
        if not isinstance(node.func, ast.Name):
            _refuse("only functions can be called", start, "Write * for a product.")
        name = node.func.id
        function = FUNCTIONS.get(name)
        if function is None:
            if name in CONSTANTS or name in self.declared:
                _refuse(
                    f"{name} is not a function", start, f"Write {name}*(...) instead."
                )
            _refuse(
                f"there is no function {_clipped(name)}",
                start,
                _nearest(name, FUNCTIONS),
            )
        if node.keywords or any(isinstance(each, ast.Starred) for each in node.args):
            _refuse("arguments have no names here", start, function.signature)
        least, most = function.arities
        if not least <= len(node.args) <= most:
            wanted = f"{least}" if least == most else f"{least} to {most}"
            _refuse(
                f"{name} takes {wanted} argument{'s' * (wanted != '1')}, "
                f"not {len(node.args)}",
                start,
                f"Write {function.signature}.",
            )
        arguments = tuple(self.read(each, depth + 1) for each in node.args)
        key = (name, *(id(each) for each in arguments))
        return self._keep(key, Call(name, arguments, start, end))

    def _number(self, node: ast.Constant, start: int, end: int) -> Node:
        text = self.source[start:end].lower()
        if type(node.value) not in {int, float}:
            _refuse("only numbers can be written out", start, ALLOWED)
        return self._keep(("number", text), Number(text, start, end))

    def _name(self, name: str, start: int, end: int) -> Node:
        if name in self.declared:
            return self._keep(("variable", name), Variable(name, start, end))
        if name in CONSTANTS:
            return self._keep(("constant", name), Constant(name, start, end))
        if name in FUNCTIONS:
            signature = FUNCTIONS[name].signature
            _refuse(f"{name} is a function", start, f"Write {signature}.")
        known = [*self.declared, *CONSTANTS]
        raise ExpressionError(
            f"{_clipped(name)} has no value",
            position=start,
            suggestion=_nearest(name, known, "Give it one in variables."),
        )

    def _keep(self, key: tuple[object, ...], node: Node) -> Node:
        kept = self.known.setdefault(key, node)
        if kept is node:
            self.steps.append(node)
            if len(self.steps) > MAX_NODES:
                refuse_size(node.start)
        return kept

    def _span(self, node: ast.expr) -> tuple[int, int]:
        end = node.end_col_offset
        assert end is not None
        return node.col_offset + self.offset, end + self.offset


def _refuse(message: str, position: int, suggestion: str) -> NoReturn:
    raise ExpressionError(message, position=position, suggestion=suggestion)


def _refuse_syntax(source: str, stripped: str, error: SyntaxError) -> NoReturn:
    position = len(source) - len(stripped) + max((error.offset or 1) - 1, 0)
    position = min(position, len(source))
    if source.rstrip(" \t")[-1] in "+-*/":
        _refuse("the expression breaks off", len(source), "Write what follows.")
    if position >= len(source.rstrip(" \t")):
        _refuse("the expression breaks off", position, "Write what follows.")
    _refuse(
        "something is missing or too much here",
        position,
        "Write an operator between two values; " + ALLOWED,
    )


def _nearest(name: str, known: Iterable[str], otherwise: str = "") -> str:
    known = sorted(known)
    lowered = name[:MAX_NAME_LENGTH].lower()
    meant = MEANT.get(lowered)
    near = [meant] if meant in known else difflib.get_close_matches(lowered, known, n=1)
    if near:
        return f"Did you mean {near[0]}?"
    if otherwise:
        return otherwise
    return f"Known are {', '.join(known[:8])} and {len(known) - 8} more."


def _clipped(name: str) -> str:
    return name if len(name) <= MAX_NAME_LENGTH else name[: MAX_NAME_LENGTH - 3] + "..."
