"""The characters and words of an expression, looked at before anything is parsed.

What passes is short, plain ASCII, of few words and balanced in shallow parentheses: the
parser of the standard library is never shown more than it can take.
"""

import keyword
import re
import unicodedata
from typing import NoReturn

from db.contracts.expression.errors import ExpressionError
from db.contracts.expression.limits import (
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_LITERAL_DIGITS,
    MAX_LITERAL_EXPONENT,
    MAX_NODES,
)

_WORD = re.compile(
    r"(?P<space>[ \t]+)"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<operator>\*\*|//|[-+*/])"
    r"|(?P<open>\()|(?P<close>\))|(?P<comma>,)"
)
_WAYS_OUT = {
    "^": "Write powers with **, as in x**2.",
    "%": "Write x - y*floor(x/y) for the remainder.",
    "!": "Write factorial(n).",
    "=": "Send only what stands on the right of it.",
    ".": "Numbers are written like 0.5; nothing else has a point.",
    ";": "Send one expression.",
    "\n": "Send one line.",
    "\r": "Send one line.",
    "[": "Use round parentheses.",
    "{": "Use round parentheses.",
    '"': "Leave the quotes out.",
    "'": "Leave the quotes out.",
    "×": "Write *.",  # noqa: RUF001
    "·": "Write *.",
    "÷": "Write /.",
    "−": "Write -.",  # noqa: RUF001
    "π": "Write pi.",
    "√": "Write sqrt(x).",
    "²": "Write **2.",
    "³": "Write **3.",
    "∞": "There is no infinity here.",
}
ALLOWED = "Use numbers, names, + - * / **, commas and parentheses."


def scan(source: str) -> None:
    """Raise ExpressionError unless the text may be given to the parser. O(length)."""
    if len(source) > MAX_LENGTH:
        raise ExpressionError(
            f"the expression is longer than {MAX_LENGTH:,} characters",
            position=MAX_LENGTH,
            suggestion="Send a shorter one.",
        )
    if not source.strip(" \t"):
        raise ExpressionError(
            "the expression is empty", position=0, suggestion="Send one, as sin(x)."
        )
    count = depth = signs = position = 0
    before = ""
    while position < len(source):
        found = _WORD.match(source, position)
        if found is None:
            _refuse_character(source, position)
        kind, word = str(found.lastgroup), found.group()
        if kind == "number":
            _check_number(word, position)
        if kind == "name" and before == "number":
            _refuse_suffix(source, position, word)
        if kind in {"name", "number", "operator"}:
            count += 1
        if kind == "name" and keyword.iskeyword(word):
            raise ExpressionError(
                f"the word {word} has no meaning here",
                position=position,
                suggestion=ALLOWED,
            )
        if word == "//":
            raise ExpressionError(
                "// is not an operator here",
                position=position,
                suggestion="Write floor(x/y).",
            )
        signs = signs + 1 if kind == "operator" else signs * (kind == "space")
        depth += (kind == "open") - (kind == "close")
        if depth < 0:
            raise ExpressionError(
                "a parenthesis closes that was not opened",
                position=position,
                suggestion="Leave it out, or open it.",
            )
        if max(depth, signs) > MAX_DEPTH:
            refuse_depth(position)
        if count > MAX_NODES:
            refuse_size(position)
        before, position = kind, found.end()
    if depth:
        raise ExpressionError(
            f"{depth} parentheses are not closed" if depth > 1
            else "a parenthesis is not closed",
            position=len(source),
            suggestion="Close it with ).",
        )  # fmt: skip


def refuse_depth(position: int) -> NoReturn:
    """Raise the error of what is nested too deeply."""
    raise ExpressionError(
        f"the expression is nested more than {MAX_DEPTH} deep",
        position=position,
        suggestion="Write it flatter.",
    )


def refuse_size(position: int) -> NoReturn:
    """Raise the error of what has too many parts."""
    raise ExpressionError(
        f"the expression has more than {MAX_NODES} numbers, names and operators",
        position=position,
        suggestion="Write a shorter one.",
    )


def _check_number(text: str, position: int) -> None:
    digits, _, exponent = text.lower().partition("e")
    if len(digits.replace(".", "")) > MAX_LITERAL_DIGITS:
        raise ExpressionError(
            f"a number has more than {MAX_LITERAL_DIGITS:,} digits",
            position=position,
            suggestion="Give fewer digits.",
        )
    # A long exponent is refused by its length: it is never made an integer.
    sized = exponent.lstrip("+-").lstrip("0")
    if len(sized) > 6 or int(sized or "0") > MAX_LITERAL_EXPONENT:
        raise ExpressionError(
            f"a number has an exponent beyond {MAX_LITERAL_EXPONENT:,}",
            position=position,
            suggestion="Write 10**n for such a power of ten.",
        )
    if re.fullmatch(r"0[0-9]*[1-9][0-9]*", digits):
        raise ExpressionError(
            "a whole number begins with 0",
            position=position,
            suggestion=f"Write {digits.lstrip('0')[:20]}.",
        )


def _refuse_suffix(source: str, position: int, name: str) -> NoReturn:
    number = re.split(r"[^0-9.eE]", source[:position])[-1][-20:]
    if name in {"j", "J"}:
        raise ExpressionError(
            "only real numbers are known here", position=position, suggestion=ALLOWED
        )
    if name.startswith("_") or (number == "0" and name[0] in "xXbBoO"):
        raise ExpressionError(
            "numbers are written in plain decimal digits",
            position=position,
            suggestion="Write it without underscores, 0x, 0b or 0o.",
        )
    raise ExpressionError(
        "a name follows a number with nothing between",
        position=position,
        suggestion=f"Did you mean {number}*{name[:20]}?",
    )


def _refuse_character(source: str, position: int) -> NoReturn:
    character = source[position]
    way_out = _WAYS_OUT.get(character, "")
    if character.isascii():
        shown = character if character.isprintable() else "a control character"
    else:
        shown = f"U+{ord(character):04X}"
        name = unicodedata.name(character, "")
        shown += f" ({name})" if name else ""
        plain = unicodedata.normalize("NFKC", character)
        if not way_out and plain.isascii() and plain.isprintable():
            way_out = f"Did you mean the ASCII character {plain.strip()[:4]}?"
    raise ExpressionError(
        f"{shown} cannot be part of an expression",
        position=position,
        suggestion=way_out or ALLOWED,
    )
