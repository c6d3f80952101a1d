"""An independent word on a result: plain Python, slow, sharing no code with the core.

Integers are added as Python's integers, without limit; floats by `math.fsum`.
"""

import math
from collections.abc import Sequence
from typing import Any, SupportsIndex

_TOLERANCE = 1e-9


def certify(
    flow: Any,
    distance: Any,
    linear: Any,
    permutation: Sequence[SupportsIndex] | Any,
) -> int | float:
    r"""Return the objective of `permutation`, by the definition.

    Parameters
    ----------
    flow, distance
        Shape ``(n, n)``: nested sequences or arrays.
    linear
        Likewise, or None.
    permutation
        Shape ``(n,)``, integers.

    Returns
    -------
    int or float
        An exact int if all entries are ints; else the float nearest to the sum of
        the products, each rounded once.

    Raises
    ------
    ValueError
        A location is missing or repeated, or a matrix is not of order ``n``.

    Notes
    -----
    :math:`O(n^2)` time in interpreted Python: about 0.3 s for ``n = 1000``.

    Examples
    --------
    >>> certify([[0, 3], [1, 0]], [[0, 5], [2, 0]], None, [1, 0])
    11
    """
    places = [int(place) for place in _plain(permutation)]
    order = len(places)
    if set(places) != set(range(order)):
        raise ValueError("Some location is missing or repeated.")
    terms: list[int | float] = []
    distances = _square(distance, order)
    for i, row in enumerate(_square(flow, order)):
        there = distances[places[i]]
        terms.extend(
            amount * there[places[j]] for j, amount in enumerate(row) if amount
        )
    if linear is not None:
        terms.extend(row[places[i]] for i, row in enumerate(_square(linear, order)))
    if all(isinstance(term, int) for term in terms):
        return sum(terms)
    return math.fsum(terms)


def check(
    flow: Any,
    distance: Any,
    linear: Any,
    permutation: Sequence[SupportsIndex] | Any,
    objective: int | float,
) -> bool:
    """Tell whether `permutation` really has this objective.

    Parameters
    ----------
    flow, distance, linear, permutation
        As for `certify`.
    objective
        What is claimed.

    Returns
    -------
    bool
        False also if it is not a permutation. Integers must be equal, floats agree
        to ``1e-9`` of the sum of the absolute values of all terms.

    Examples
    --------
    >>> check([[0, 3], [1, 0]], [[0, 5], [2, 0]], None, [1, 0], 11)
    True
    >>> check([[0, 3], [1, 0]], [[0, 5], [2, 0]], None, [1, 1], 11)
    False
    """
    try:
        found = certify(flow, distance, linear, permutation)
    except ValueError:
        return False
    if isinstance(found, int):
        return found == objective
    absolute = certify(
        _absolute(flow),
        _absolute(distance),
        None if linear is None else _absolute(linear),
        permutation,
    )
    return abs(found - objective) <= _TOLERANCE * absolute


def _plain(value: Any) -> list[Any]:
    return value.tolist() if hasattr(value, "tolist") else list(value)


def _square(matrix: Any, order: int) -> list[list[Any]]:
    rows = [_plain(row) for row in _plain(matrix)]
    if len(rows) != order or any(len(row) != order for row in rows):
        raise ValueError(f"A matrix is not of order {order}.")
    return rows


def _absolute(matrix: Any) -> list[list[Any]]:
    return [[abs(entry) for entry in _plain(row)] for row in _plain(matrix)]
