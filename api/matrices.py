"""Read matrices out of JSON and QAPLIB text, and say exactly what is wrong."""

import re
from typing import Any

import numpy as np
from pydantic_core import PydanticCustomError

from db.contracts.problem import problem
from db.instance_codec import Matrices, Matrix

MAX_EXACT = 2**63 - 1
MAX_MAGNITUDE = 2.0**63
_QAPLIB_NUMBER = re.compile(r"[+-]?[0-9]{1,19}")


def parse_matrix(value: Any) -> Matrix:
    """Return a square matrix of int64 or float64, from nested lists."""
    if isinstance(value, np.ndarray):
        return value
    if not isinstance(value, list):
        raise problem("not a matrix", "Send a list of rows.")
    order = len(value)
    if order < 2:
        raise problem(
            f"a matrix of {order} row{'s' * (order != 1)}",
            "An instance has at least two facilities.",
        )
    for index, row in enumerate(value):
        if not isinstance(row, list):
            raise problem("a row is not a list", "Send a list of numbers.", index)
        if len(row) != order:
            raise problem(
                f"the matrix is not square: row {index} has {len(row)} values, "
                f"expected {order}",
                "Send as many values a row as there are rows.",
                index,
            )
    kinds = {type(entry) for row in value for entry in row}
    if not kinds <= {int, float}:
        raise _not_a_number(value)
    return _array(value, has_fractions=float in kinds)


def _array(rows: list[list[Any]], *, has_fractions: bool) -> Matrix:
    if not has_fractions:
        try:
            return np.array(rows, np.int64)
        except OverflowError:
            where = next(
                (i, j)
                for i, row in enumerate(rows)
                for j, entry in enumerate(row)
                if abs(entry) > MAX_EXACT
            )
            raise problem(
                "a value is beyond 64 bits", "Scale the values down.", *where
            ) from None
    array = np.array(rows, np.float64)
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        raise problem(
            "a value is not finite", "Send finite numbers only.", *bad[0].tolist()
        )
    large = np.argwhere(np.abs(array) >= MAX_MAGNITUDE)
    if len(large):
        # Also what JSON readers make of integers beyond 64 bits.
        raise problem(
            "a value is beyond 64 bits", "Scale the values down.", *large[0].tolist()
        )
    whole = array.astype(np.int64) if np.abs(array).max() < 2**53 else None
    return whole if whole is not None and np.array_equal(whole, array) else array


def _not_a_number(rows: list[list[Any]]) -> PydanticCustomError:
    row, column = next(
        (i, j)
        for i, entries in enumerate(rows)
        for j, entry in enumerate(entries)
        if type(entry) not in (int, float)
    )
    name = {str: "text", bool: "a boolean", type(None): "null", list: "a list"}
    found = name.get(type(rows[row][column]), "an object")
    return problem(f"{found} where a number belongs", "Send numbers only.", row, column)


def parse_qaplib(text: str, *, max_order: int) -> Matrices:
    """Return the matrices of a QAPLIB file: the order, then flow, then distance."""
    words = text.split(maxsplit=1)
    if not words or not _QAPLIB_NUMBER.fullmatch(words[0]):
        raise problem("no order at the start", "A QAPLIB file begins with n.")
    order = int(words[0])
    if not 2 <= order <= max_order:
        raise problem(
            f"an order of {order}", f"Orders from 2 to {max_order} are solved here."
        )
    expected = 2 * order**2
    # No more pieces than that, and the rest as one: a bomb stays small.
    entries = words[1].split(maxsplit=expected) if len(words) > 1 else []
    if len(entries) != expected:
        count = str(len(entries)) if len(entries) < expected else "more"
        raise problem(
            f"{count} values follow the order {order}, expected {expected}",
            "Send two square matrices and nothing else.",
        )
    for index, entry in enumerate(entries):
        if not _QAPLIB_NUMBER.fullmatch(entry) or abs(int(entry)) > MAX_EXACT:
            raise problem(
                f"value {index + 1} is not a 64-bit integer: {entry[:30]!r}",
                "QAPLIB files hold integers; send other numbers as JSON.",
            )
    values = np.array(entries, np.int64).reshape(2, order, order)
    return Matrices(values[0], values[1])
