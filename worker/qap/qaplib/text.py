"""QAPLIB's text formats: numbers between white space, facilities from 1."""

from worker.qap.arrays import IntVector, Matrix
from worker.qap.exceptions import InvalidPermutationError, QAPLIBFormatError
from worker.qap.instance import Instance
from worker.qap.objective import objective
from worker.qap.permutation import checked_permutation, inverse

_TOLERANCE = 1e-9


def read_instance(text: str, name: str | None = None) -> Instance:
    """Return the instance that `text` holds in QAPLIB's format.

    Parameters
    ----------
    text
        The order n, then n times n flows, then as many distances. Line breaks mean
        nothing; commas count as white space.
    name
        What people call it.

    Returns
    -------
    Instance
        Exact unless some number has a fraction.

    Raises
    ------
    QAPLIBFormatError
        A word is not a number, or there are too few or too many.
    InvalidInstanceError
        The numbers are read but make no instance.

    Examples
    --------
    >>> read_instance("2  0 3 1 0  0 5 2 0").distance
    array([[0, 5],
           [2, 0]])
    """
    words = text.replace(",", " ").split()
    if not words:
        raise QAPLIBFormatError("The text is empty; it starts with the order n.")
    order = _natural(words[0], 1)
    wanted = 2 * order * order
    if len(words) - 1 != wanted:
        raise QAPLIBFormatError(
            f"After the order {order} come {len(words) - 1} numbers, not "
            f"2 x {order} x {order} = {wanted}."
        )
    numbers = _numbers(words[1:])
    flow, distance = (
        [numbers[start + i * order : start + (i + 1) * order] for i in range(order)]
        for start in (0, order * order)
    )
    return Instance(flow, distance, name=name)


def write_instance(instance: Instance) -> str:
    """Return `instance` in QAPLIB's format.

    Parameters
    ----------
    instance
        Without linear costs: the format has no room for them.

    Returns
    -------
    str
        What `read_instance` reads back to the same matrices.

    Raises
    ------
    QAPLIBFormatError
        The instance has linear costs.

    Examples
    --------
    >>> print(write_instance(Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])))
    2
    <BLANKLINE>
    0 3
    1 0
    <BLANKLINE>
    0 5
    2 0
    <BLANKLINE>
    """
    if instance.linear is not None:
        raise QAPLIBFormatError("QAPLIB's format has no room for linear costs.")
    parts = [f"{instance.order}\n"]
    parts += [_block(matrix) for matrix in (instance.flow, instance.distance)]
    return "\n".join(parts)


def read_solution(text: str, instance: Instance) -> IntVector:
    """Return the permutation of a solution file.

    Parameters
    ----------
    text
        The order n, an objective, then a permutation of 1 to n. Published files do
        not agree whether it gives the location of each facility or the facility of
        each location, nor which matrix is the flow.
    instance
        What it solves.

    Returns
    -------
    IntVector
        Shape ``(n,)``, from 0: the permutation as written, or its inverse, whichever
        has the objective written. (Exchanging the matrices is the same as inverting
        the permutation.)

    Raises
    ------
    QAPLIBFormatError
        It is not such a text, of another order, or neither has that objective.

    Examples
    --------
    >>> instance = Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    >>> read_solution("2 11  2 1", instance)
    array([1, 0])
    """
    words = text.replace(",", " ").split()
    if len(words) < 2:
        raise QAPLIBFormatError("A solution starts with its order and its objective.")
    order = _natural(words[0], 1)
    if order != instance.order or len(words) != order + 2:
        raise QAPLIBFormatError(
            f"The solution is of order {order} with {len(words) - 2} locations; the "
            f"instance is of order {instance.order}."
        )
    claimed = _numbers(words[1:2], first=2)[0]
    places = [_natural(word, i) - 1 for i, word in enumerate(words[2:], 3)]
    try:
        written = checked_permutation(places, order)
    except InvalidPermutationError as exc:
        raise QAPLIBFormatError(f"Counting from 0: {exc}") from exc
    values = []
    for permutation in (written, inverse(written)):
        value = objective(instance, permutation)
        if abs(value - claimed) <= (
            0 if instance.is_exact else _TOLERANCE * instance.magnitude
        ):
            return permutation
        values.append(value)
    raise QAPLIBFormatError(
        f"The solution claims {claimed}; it has {values[0]}, its inverse {values[1]}."
    )


def write_solution(instance: Instance, permutation: IntVector) -> str:
    """Return a solution file.

    Parameters
    ----------
    instance
        What is solved.
    permutation
        Shape ``(n,)``, from 0.

    Returns
    -------
    str
        The order, the objective and the locations from 1.

    Raises
    ------
    InvalidPermutationError
        It is not a permutation of ``0..n-1``.

    Examples
    --------
    >>> import numpy as np
    >>> instance = Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    >>> print(write_solution(instance, np.array([1, 0])))
    2 11
    2 1
    <BLANKLINE>
    """
    value = objective(instance, permutation)
    places = " ".join(str(place + 1) for place in permutation)
    return f"{instance.order} {value!r}\n{places}\n"


def _block(matrix: Matrix) -> str:
    return "".join(f"{' '.join(map(repr, row))}\n" for row in matrix.tolist())


def _natural(word: str, position: int) -> int:
    if not (word.isascii() and word.isdigit()) or len(word) > 9 or int(word) < 1:
        raise QAPLIBFormatError(
            f"Word {position} is {word[:20]!r}, not a whole number from 1."
        )
    return int(word)


def _numbers(words: list[str], first: int = 2) -> list[int | float]:
    try:
        return [int(word) for word in words]
    except ValueError:
        pass
    numbers: list[int | float] = []
    for position, word in enumerate(words, first):
        try:
            numbers.append(float(word))
        except ValueError:
            raise QAPLIBFormatError(
                f"Word {position} is {word[:20]!r}, not a number."
            ) from None
    return numbers
