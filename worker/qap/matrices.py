"""Matrices of numbers as people send them: checked, copied, integers where exact."""

import math
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from worker.qap.arrays import AnyArray, Matrix
from worker.qap.exceptions import InexactInstanceError, InvalidInstanceError

_EXACT_LIMIT = 2**63
_INTEGRAL_FLOAT_LIMIT = 2.0**53
_FLOAT_LIMIT = 1e300


def checked_matrix(
    value: ArrayLike,
    field: str,
    *,
    shape: tuple[int, int] | None = None,
    least: int = 1,
) -> Matrix:
    """Return `value` as a matrix of its own, or say where it is none.

    Parameters
    ----------
    value
        Rows of finite numbers; copied.
    field
        What people call it: where pointers start.
    shape
        Rows and columns. None means a square matrix of any order from `least`.
    least
        The smallest order of a square matrix.

    Returns
    -------
    Matrix
        C-contiguous: int64 if every number is integral, else float64.

    Raises
    ------
    InvalidInstanceError
        The shape is wrong, or an entry is not a finite number.
    InexactInstanceError
        An integer does not fit into int64.

    Notes
    -----
    Time and space in proportion to the number of entries.

    Examples
    --------
    >>> checked_matrix([[0, 3.0], [1, 0]], "flow")
    array([[0, 3],
           [1, 0]])
    >>> checked_matrix([[0, 3]], "linear", shape=(1, 3))
    Traceback (most recent call last):
    worker.qap.exceptions.InvalidInstanceError: linear is 1x2, not 1x3.
    """
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError):
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in "biuf":
        _complain(value, field, shape)
    _check_shape(array, field, shape, least)
    if array.dtype.kind == "f":
        return _float_matrix(array, field)
    if array.dtype.kind == "u" and int(array.max()) >= _EXACT_LIMIT:
        raise _too_large(field)
    return np.array(array, dtype=np.int64, order="C")


def magnitude(flow: Matrix, distance: Matrix, linear: Matrix | None) -> int | float:
    """Return what no objective, nor any partial sum of one, exceeds.

    Parameters
    ----------
    flow
        Shape ``(m, m)``.
    distance
        Shape ``(n, n)``, ``n >= m``, of the same dtype.
    linear
        Shape ``(m, n)``, likewise, or None.

    Returns
    -------
    int or float
        At least 0.

    Raises
    ------
    InexactInstanceError
        The matrices are integers and it reaches ``2**63``.
    InvalidInstanceError
        They are floats and it comes near to overflowing.

    Notes
    -----
    :math:`O(n^2)` time.

    Examples
    --------
    >>> flow, distance = np.array([[0, 3], [1, 0]]), np.array([[0, 5], [2, 0]])
    >>> magnitude(flow, distance, None)
    20
    """
    pairs = min(
        _total(flow) * _largest(distance),
        _total(distance) * _largest(flow),
    )
    result = pairs + (0 if linear is None else len(flow) * _largest(linear))
    if flow.dtype.kind == "i" and result >= _EXACT_LIMIT:
        raise _too_large("flow")
    if not result < max(_FLOAT_LIMIT, _EXACT_LIMIT):
        raise InvalidInstanceError(
            "The numbers are so large that the objective could overflow.",
            pointer=("flow",),
            suggestion="Divide flow or distance by a common factor.",
        )
    return result


def _check_shape(
    array: AnyArray, field: str, shape: tuple[int, int] | None, least: int
) -> None:
    found = "x".join(map(str, array.shape)) or "a single number"
    if shape is not None:
        if array.shape != shape:
            raise InvalidInstanceError(
                f"{field} is {found}, not {shape[0]}x{shape[1]}.",
                pointer=(field,),
                suggestion=_wanted(shape),
            )
        return
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise InvalidInstanceError(
            f"{field} is {found}, not square.",
            pointer=(field,),
            suggestion=_wanted(None),
        )
    if len(array) < least:
        raise InvalidInstanceError(
            f"{field} is of order {len(array)}; at least {least} is needed.",
            pointer=(field,),
            suggestion=f"With fewer than {least} there is nothing to choose.",
        )


def _wanted(shape: tuple[int, int] | None) -> str:
    rows, columns = ("n", "n") if shape is None else shape
    return f"Send {rows} rows of {columns} numbers each."


def _float_matrix(array: AnyArray, field: str) -> Matrix:
    wrong = np.argwhere(~np.isfinite(array))
    if wrong.size:
        row, column = map(int, wrong[0])
        raise InvalidInstanceError(
            f"{field}[{row}][{column}] is {array[row, column]}, not a finite number.",
            pointer=(field, row, column),
            suggestion="Replace NaN and infinity; a large finite cost forbids a pair.",
        )
    result = np.array(array, dtype=np.float64, order="C")
    is_small = bool((np.abs(result) <= _INTEGRAL_FLOAT_LIMIT).all())
    if is_small and bool((result == np.rint(result)).all()):
        return result.astype(np.int64)
    return result


def _complain(value: ArrayLike, field: str, shape: tuple[int, int] | None) -> None:
    """Find what keeps `value` from being a matrix of numbers, and raise it."""
    rows = cast("list[object]", value if isinstance(value, list | tuple) else [value])
    columns = len(rows) if shape is None else shape[1]
    for i, row in enumerate(rows):
        if not isinstance(row, list | tuple | np.ndarray):
            raise InvalidInstanceError(
                f"{field}[{i}] is {_shown(row)}, not a row of numbers.",
                pointer=(field, i),
                suggestion=_wanted(shape),
            )
        for j, entry in enumerate(row):
            if isinstance(entry, int) and abs(entry) >= _EXACT_LIMIT:
                raise _too_large(field, i, j)
            if not isinstance(entry, int | float | np.integer | np.floating):
                raise InvalidInstanceError(
                    f"{field}[{i}][{j}] is {_shown(entry)}, not a number.",
                    pointer=(field, i, j),
                    suggestion="Send numbers without quotes.",
                )
        if len(row) != columns:
            known = (
                f"there are {columns} rows"
                if shape is None
                else f"{columns} are needed"
            )
            raise InvalidInstanceError(
                f"{field}[{i}] has {len(row)} entries; {known}.",
                pointer=(field, i),
                suggestion=_wanted(shape),
            )
    raise InvalidInstanceError(
        f"{field} is not a matrix of numbers.",
        pointer=(field,),
        suggestion=_wanted(shape),
    )


def _shown(value: object) -> str:
    return repr(value)[:40]


def _too_large(*pointer: str | int) -> InexactInstanceError:
    return InexactInstanceError(
        "The integers are so large that the objective could reach 2**63.",
        pointer=pointer,
        suggestion="Divide flow or distance by a common factor, or send floats.",
    )


def _largest(matrix: Matrix) -> int | float:
    return max(abs(matrix.max().item()), abs(matrix.min().item()))


def _total(matrix: Matrix) -> int | float:
    if matrix.dtype.kind == "i":
        if _largest(matrix) * matrix.size < _EXACT_LIMIT:
            return int(np.abs(matrix).sum())
        return sum(abs(entry) for entry in matrix.ravel().tolist())
    with np.errstate(over="ignore"):
        total = float(np.abs(matrix).sum())
    return total if math.isfinite(total) else math.inf


def is_symmetric(matrix: Matrix) -> bool:
    """Tell whether a square matrix equals its transpose.

    Parameters
    ----------
    matrix
        Shape ``(n, n)``.

    Returns
    -------
    bool
        Exactly, also for floats.

    Notes
    -----
    :math:`O(n^2)` time and space.
    """
    return bool((matrix == matrix.T).all())
