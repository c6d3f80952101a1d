"""The language of expressions: arithmetic, known functions, and nothing that can run.

It needs the standard library alone, so that the edge refuses what is wrong without the
libraries that compute; `worker.precision` goes along the tree that is made here.
"""

from db.contracts.expression.cost import check_cost, estimate_seconds, is_bounded
from db.contracts.expression.errors import ExpressionError, placed
from db.contracts.expression.names import (
    CONSTANTS,
    FUNCTIONS,
    ConstantName,
    Function,
)
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
from db.contracts.expression.parse import check_variable, parse
from db.contracts.expression.values import check_value

__all__ = [
    "CONSTANTS",
    "FUNCTIONS",
    "Binary",
    "Call",
    "Constant",
    "ConstantName",
    "Expression",
    "ExpressionError",
    "Function",
    "Negate",
    "Node",
    "Number",
    "Variable",
    "check_cost",
    "check_value",
    "check_variable",
    "estimate_seconds",
    "is_bounded",
    "parse",
    "placed",
]
