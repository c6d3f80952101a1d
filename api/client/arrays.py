"""Instances as they are had at hand: arrays, lists, names, files."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

Matrix: TypeAlias = Any
"""An array of numpy, or whatever becomes one: rows of numbers, a DataFrame."""

FILE_SUFFIX = ".dat"


def instance_of(
    flow: Matrix | str | PathLike[str] | Mapping[str, Any],
    distance: Matrix | None,
    linear: Matrix | None,
) -> dict[str, Any]:
    """Return what ``POST /v1/jobs`` takes as an instance.

    Text that ends in ``.dat``, and any `Path`, is a QAPLIB file on this machine.
    """
    if distance is not None:
        matrices = {"flow": rows(flow), "distance": rows(distance)}
        return matrices if linear is None else {**matrices, "linear": rows(linear)}
    if linear is not None:
        raise TypeError("linear costs come with a flow and a distance")
    if isinstance(flow, Mapping):
        return dict(flow)
    if isinstance(flow, PathLike) or (
        isinstance(flow, str) and flow.endswith(FILE_SUFFIX)
    ):
        return {"qaplib": Path(flow).read_text(encoding="utf-8")}
    if isinstance(flow, str):
        return {"name": flow}
    raise TypeError(
        "an instance is a flow and a distance, the name of one of the library, the "
        'path of a QAPLIB file, or a mapping such as {"costs": matrix}'
    )


def rows(matrix: Matrix) -> Any:
    """Return rows of Python's own numbers: integers stay exact, however large."""
    if hasattr(matrix, "to_numpy"):
        matrix = matrix.to_numpy()
    elif hasattr(matrix, "toarray"):
        matrix = matrix.toarray()
    if getattr(getattr(matrix, "dtype", None), "kind", "") == "b":
        matrix = matrix.astype(int)
    return matrix.tolist() if hasattr(matrix, "tolist") else matrix
