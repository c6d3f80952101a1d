"""Expressions are read; everything else is refused quickly and costs no memory."""

import resource
import sys
import time

import pytest

from db.contracts.expression import (
    Binary,
    Call,
    Constant,
    Expression,
    ExpressionError,
    Negate,
    Node,
    Number,
    Variable,
    parse,
)

HOSTILE = {
    "a tower of powers": "9**9**9**9",
    "a tower to the left": "(9**9**9)**9**9",
    "a tower of brackets": "(((9**9)**9)**9)**9**9**9",
    "a tiny tower": "0.1**9**9**9",
    "a tower below": "2**-9**9**9",
    "signs": "-" * 1_999 + "1",
    "twos": "+-" * 900 + "1",
    "nested brackets": "(" * 900 + "1" + ")" * 900,
    "unclosed brackets": "(" * 2_000,
    "nested calls": "sin(" * 300 + "1" + ")" * 300,
    "nested powers": "2**" * 600 + "2",
    "signed powers": "-2**" * 450 + "2",
    "a long sum": "+".join("1" * 1_000),
    "a million digits": "1" * 10**6,
    "a thousand and one digits": "1" * 1_001,
    "a huge exponent": "1e1000000000",
    "a longer exponent": "1e" + "9" * 1_900,
    "a tiny exponent": "1e-999999999",
    "an import": "__import__('os').system('true')",
    "a bare import": "__import__(1)",
    "an attribute": "(1).__class__.__bases__",
    "an attribute of a name": "x.__class__",
    "a lambda": "(lambda: 1)()",
    "a comprehension": "[x for x in (1, 2)]",
    "a format string": "f'{x}'",
    "a walrus": "(y := 1)",
    "a condition": "1 if x else 2",
    "a comparison": "x < 1",
    "an index": "x[0]",
    "a keyword": "sin(x=1)",
    "a star": "max(*x)",
    "a statement": "x = 1",
    "two lines": "1\n+1",
    "a comment": "1 # 2",
    "a null": "1\0",
    "a string": "'1'",
    "bytes": "b'1'",
    "a bool": "True",
    "nothing at all": "None",
    "an await": "await x",
    "a complex number": "3j",
    "a hexadecimal number": "0x10",
    "underscores": "1_000",
    "an ellipsis": "...",
    "a fullwidth name": "ｓin(x)",  # noqa: RUF001
    "a mathematical letter": "𝐬in(x)",  # noqa: RUF001
    "a Cyrillic letter": "sіn(x)",  # noqa: RUF001
    "an Arabic digit": "٣+1",
    "a superscript": "x²",
    "a right-to-left mark": "1\u202e+2",
    "a surrogate": "\ud800",
    "only a tuple": "1, 2",
    "an empty call": "sin()",
    "an empty pair": "()",
    "an unknown name": "os",
    "a builtin": "eval(1)",
    "a number called": "2(3)",
    "a call called": "sin(1)(2)",
    "a product without a sign": "2x",
    "nothing": "",
    "a space": " ",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_what_is_hostile_is_refused_at_once(source: str) -> None:
    began = time.perf_counter()
    with pytest.raises(ExpressionError) as refused:
        parse(source, ["x"])
    assert time.perf_counter() - began < 0.1
    error = refused.value
    assert error.message
    assert error.message.isascii()
    assert error.suggestion
    assert error.position is None or 0 <= error.position <= len(source)


def test_refusing_takes_no_memory() -> None:
    def refuse_all() -> None:
        for source in HOSTILE.values():
            with pytest.raises(ExpressionError):
                parse(source, ["x"])

    refuse_all()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(10):
        refuse_all()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    kilobytes = grown / 1024 if sys.platform == "darwin" else grown
    assert kilobytes < 8_192


def told(node: Node) -> str:
    """Return the tree as text with every bracket."""
    match node:
        case Number(text=text):
            return text
        case Constant(name=name) | Variable(name=name):
            return name
        case Negate(operand=operand):
            return f"(-{told(operand)})"
        case Binary(operator=operator, left=left, right=right):
            return f"({told(left)} {operator} {told(right)})"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(map(told, arguments))})"


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("8 / 4 / 2", "((8 / 4) / 2)"),
        ("2 ** 3 ** 2", "(2 ** (3 ** 2))"),
        ("-2 ** 2", "(-(2 ** 2))"),
        ("2 ** -1", "(2 ** (-1))"),
        ("1 - (2 - 3)", "(1 - (2 - 3))"),
        ("+x", "x"),
        ("  .5*X1 ", None),
        ("sin(x)*exp(-x**2/2)", "(sin(x) * exp(((-(x ** 2)) / 2)))"),
        ("log(x, 10) + max(1, pi, e)", "(log(x, 10) + max(1, pi, e))"),
        ("1e400 * 1E-5", "(1e400 * 1e-5)"),
        ("0.1", "0.1"),
        ("0.1000000000000000000000000001", "0.1000000000000000000000000001"),
        ("9**9**9", "(9 ** (9 ** 9))"),
    ],
)
def test_an_expression_is_read_as_python_reads_it(
    source: str, tree: str | None
) -> None:
    if tree is None:
        with pytest.raises(ExpressionError, match="X1 has no value"):
            parse(source, ["x"])
    else:
        assert told(parse(source, ["x"]).root) == tree


def test_a_long_sum_is_not_deep() -> None:
    expression = parse("+".join(["x"] * 190), ["x"])
    assert len(expression.steps) == 190


def test_equal_parts_are_one_step() -> None:
    expression = parse("sin(x + 1) * sin(x+1)", ["x"])
    assert [type(each).__name__ for each in expression.steps] == [
        "Variable",
        "Number",
        "Binary",
        "Call",
        "Binary",
    ]


def test_steps_come_after_what_they_are_made_of() -> None:
    expression = parse("atan2(x*2, -y)**(x - y/3)", ["x", "y"])
    seen: set[int] = set()
    for node in expression.steps:
        match node:
            case Negate(operand=operand):
                assert id(operand) in seen
            case Binary(left=left, right=right):
                assert {id(left), id(right)} <= seen
            case Call(arguments=arguments):
                assert {id(each) for each in arguments} <= seen
        seen.add(id(node))
    assert expression.steps[-1] is expression.root


@pytest.mark.parametrize(
    ("source", "suggestion"),
    [
        ("sine(1)", "Did you mean sin?"),
        ("ln(2)", "Did you mean log?"),
        ("arctan(1)", "Did you mean atan?"),
        ("PI", "Did you mean pi?"),
        ("x ^ 2", "Write powers with **, as in x**2."),
        ("5!", "Write factorial(n)."),
        ("2x", "Did you mean 2*x?"),
        ("pi(2)", "Write pi*(...) instead."),
        ("sin", "Write sin(x)."),
        ("log(1, 2, 3)", "Write log(x[, base])."),
        ("7 // 2", "Write floor(x/y)."),
        ("1 +", "Write what follows."),
        ("1 × 2", "Write *."),  # noqa: RUF001
        ("(1", "Close it with )."),
        ("ｓin(1)", "Did you mean the ASCII character s?"),  # noqa: RUF001
    ],
)
def test_the_way_out_is_named(source: str, suggestion: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(source, ["x"])
    assert refused.value.suggestion == suggestion


@pytest.mark.parametrize(
    "name", ["sin", "pi", "lambda", "a b", "1a", "", "x" * 33, "é", "a.b"]
)
def test_a_name_with_a_meaning_is_no_variable(name: str) -> None:
    with pytest.raises(ExpressionError):
        parse("1", [name])


def test_there_are_only_so_many_variables() -> None:
    with pytest.raises(ExpressionError, match="more than 20 variables"):
        parse("1", [f"x{number}" for number in range(21)])


@pytest.mark.parametrize(
    "source",
    ["2**(10**10 - 10**10)", "1**9**9**9", "(1-1)**9**9", "(x-9)**9**9**2"],
)
def test_a_power_that_may_be_small_is_left_to_the_worker(source: str) -> None:
    assert isinstance(parse(source, ["x"]), Expression)
