"""An independent word on a result: plain Python, slow, sharing no code with the core.

Integers are added as Python's integers, without limit; floats by `math.fsum`.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, SupportsIndex

_TOLERANCE = 1e-9


def certify(
    flow: Any,
    distance: Any,
    linear: Any,
    permutation: Sequence[SupportsIndex] | Any,
    *,
    partial_match: Any = (),
    forbidden: Any = (),
) -> int | float:
    r"""Return the objective of `permutation`, by the definition.

    Parameters
    ----------
    flow
        Shape ``(m, m)``: nested sequences or an array.
    distance
        Shape ``(n, n)``, ``n >= m``, likewise.
    linear
        Shape ``(m, n)``, likewise, or None.
    permutation
        Shape ``(m,)``, integers.
    partial_match, forbidden
        Pairs of a facility and a location: all of the former must occur, and none of
        the latter may.

    Returns
    -------
    int or float
        An exact int if all entries are ints; else the float nearest to the sum of
        the products, each rounded once.

    Raises
    ------
    ValueError
        A location does not exist or is repeated, a pair is not as it must be, or a
        matrix has another shape.

    Notes
    -----
    :math:`O(n^2)` time in interpreted Python, :math:`O(n)` space beside the matrices.

    Examples
    --------
    >>> certify([[0, 3], [1, 0]], [[0, 5], [2, 0]], None, [1, 0])
    11
    >>> certify([[4]], [[0, 5], [2, 3]], None, [1])
    12
    """
    places = [int(place) for place in _plain(permutation)]
    order, count = len(places), len(distance)
    if len(set(places)) < order or not set(places) <= set(range(count)):
        raise ValueError("Some location is missing or repeated.")
    pairs = set(enumerate(places))
    if not _pairs(partial_match) <= pairs:
        raise ValueError("Some facility is not where it is fixed.")
    if _pairs(forbidden) & pairs:
        raise ValueError("Some facility is where it must not be.")
    flows, distances = _rows(flow, order, order), _rows(distance, count, count)
    own = [] if linear is None else _rows(linear, order, count)

    def terms() -> Iterator[list[int | float]]:
        pick = _picker(places)
        for place, row in zip(places, flows, strict=True):
            there = pick(_plain(distances[place]))
            pairs = zip(_plain(row), there, strict=True)
            yield [amount * way for amount, way in pairs if amount]
        yield [_plain(row)[place] for row, place in zip(own, places, strict=False)]

    total: int | float = 0
    for some in terms():
        if not all(issubclass(kind, int) for kind in set(map(type, some))):
            return math.fsum(chain.from_iterable(terms()))
        total += sum(some)
    return total


def check(
    flow: Any,
    distance: Any,
    linear: Any,
    permutation: Sequence[SupportsIndex] | Any,
    objective: int | float,
    *,
    partial_match: Any = (),
    forbidden: Any = (),
) -> bool:
    """Tell whether `permutation` really has this objective.

    Parameters
    ----------
    flow, distance, linear, permutation
        As for `certify`.
    objective
        What is claimed.
    partial_match, forbidden
        As for `certify`.

    Returns
    -------
    bool
        False also if it is not a permutation, or not one that meets the conditions.
        Integers must be equal, floats agree to ``1e-9`` of the sum of the absolute
        values of all terms.

    Examples
    --------
    >>> check([[0, 3], [1, 0]], [[0, 5], [2, 0]], None, [1, 0], 11)
    True
    >>> check([[0, 3], [1, 0]], [[0, 5], [2, 0]], None, [1, 1], 11)
    False
    """
    try:
        found = certify(
            flow,
            distance,
            linear,
            permutation,
            partial_match=partial_match,
            forbidden=forbidden,
        )
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


def _picker(places: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Return what takes the entries at these places out of a row."""
    if len(places) < 2:
        # Of one place an itemgetter takes the entry alone.
        return lambda row: [row[place] for place in places]
    return itemgetter(*places)


def _rows(matrix: Any, count: int, width: int) -> list[Any]:
    """Return its rows; those of an array become lists when they are needed."""
    rows = [row if hasattr(row, "tolist") else _plain(row) for row in matrix]
    if len(rows) != count or any(len(row) != width for row in rows):
        raise ValueError(f"A matrix is not of {count} rows of {width} numbers.")
    return rows


def _pairs(pairs: Any) -> set[tuple[int, int]]:
    return {(int(facility), int(location)) for facility, location in pairs}


def _absolute(matrix: Any) -> list[list[Any]]:
    return [[abs(entry) for entry in _plain(row)] for row in _plain(matrix)]
