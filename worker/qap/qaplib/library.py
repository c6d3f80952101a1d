"""The shipped instances of QAPLIB and the best objectives known for them."""

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from worker.qap.exceptions import UnknownInstanceError
from worker.qap.instance import Instance
from worker.qap.qaplib.text import read_instance

_DATA = files("worker.qap.qaplib").joinpath("data")


@dataclass(frozen=True, slots=True)
class BestKnown:
    """The best that is known of a published instance.

    Parameters
    ----------
    value
        The least objective ever reported.
    is_optimal
        Whether it is proven that there is no lower one.
    lower_bound
        The highest bound ever reported, or None.
    """

    value: int
    is_optimal: bool
    lower_bound: int | None


def names() -> tuple[str, ...]:
    """Return the names of all shipped instances.

    Returns
    -------
    tuple of str
        In alphabetical order, lower case.

    Examples
    --------
    >>> "nug30" in names()
    True
    """
    return tuple(sorted(_table()))


def load(name: str) -> Instance:
    """Return a shipped instance.

    Parameters
    ----------
    name
        One of `names()`, in any case.

    Returns
    -------
    Instance
        The same object at every call while few are in use.

    Raises
    ------
    UnknownInstanceError
        There is none of that name.

    Examples
    --------
    >>> load("Nug12")
    <Instance 'nug12' of order 12, int64>
    """
    return _load(_key(name))


def best_known(name: str) -> BestKnown:
    """Return the best that is known of a shipped instance.

    Parameters
    ----------
    name
        One of `names()`, in any case.

    Returns
    -------
    BestKnown
        From the table beside the data.

    Raises
    ------
    UnknownInstanceError
        There is none of that name.

    Examples
    --------
    >>> best_known("esc16f").value
    0
    """
    return _table()[_key(name)]


def solution_text(name: str) -> str | None:
    """Return the published solution file of a shipped instance.

    Parameters
    ----------
    name
        One of `names()`, in any case.

    Returns
    -------
    str or None
        For `read_solution`; None where no file was published.

    Raises
    ------
    UnknownInstanceError
        There is none of that name.

    Examples
    --------
    >>> (solution_text("nug12") or "").split()[:2]
    ['12', '578']
    """
    path = _DATA.joinpath(f"{_key(name)}.sln")
    return path.read_text("ascii") if path.is_file() else None


def _key(name: str) -> str:
    key = name.strip().lower()
    if key not in _table():
        raise UnknownInstanceError(name, _table())
    return key


@cache
def _table() -> dict[str, BestKnown]:
    with _DATA.joinpath("best_known.csv").open(encoding="ascii") as lines:
        return {row["name"]: _best_known(row) for row in csv.DictReader(lines)}


def _best_known(row: dict[str, str]) -> BestKnown:
    bound = row["lower_bound"]
    return BestKnown(
        value=int(row["bks"]),
        is_optimal=row["proven_optimal"] == "yes",
        lower_bound=int(bound) if bound.isdigit() else None,
    )


@lru_cache(maxsize=16)
def _load(key: str) -> Instance:
    text = _DATA.joinpath(f"{key}.dat").read_text("ascii")
    return read_instance(text, name=key)
