"""Instances as callers send them and see them."""

from typing import Annotated, Any, Self

import numpy as np
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from api.matrices import parse_matrix
from db.contracts.kinds.solve import Sha256
from db.contracts.problem import problem
from db.instance_codec import Matrices, Matrix

MatrixField = Annotated[
    Any,
    PlainValidator(parse_matrix),
    WithJsonSchema(
        {
            "type": "array",
            "minItems": 2,
            "maxItems": 1000,
            "items": {
                "type": "array",
                "minItems": 2,
                "maxItems": 1000,
                "items": {"type": "number"},
            },
        }
    ),
]

WAYS = ("name", "sha256", "flow", "costs", "qaplib")


class InstanceInput(BaseModel):
    """One of: a library ``name``, a known ``sha256``, ``flow`` and ``distance``
    (with an optional ``linear`` term), ``costs`` alone for a linear assignment, or
    the text of a ``qaplib`` file.
    """  # noqa: D205

    model_config = ConfigDict(
        extra="forbid",
        arbitrary_types_allowed=True,
        json_schema_extra={
            "examples": [
                {
                    "name": "three sites",
                    "flow": [[0, 3, 1], [3, 0, 2], [1, 2, 0]],
                    "distance": [[0, 5, 4], [5, 0, 6], [4, 6, 0]],
                },
                {"costs": [[4, 1, 3], [2, 0, 5], [3, 2, 2]]},
                {"qaplib": "2\n0 3\n3 0\n0 5\n5 0\n"},
            ]
        },
    )

    name: str | None = Field(
        None, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"
    )
    """Of the shipped library; beside matrices, a label of your own."""
    sha256: Sha256 | None = None
    flow: MatrixField | None = None
    distance: MatrixField | None = None
    linear: MatrixField | None = None
    costs: MatrixField | None = None
    qaplib: str | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = [way for way in WAYS[1:] if getattr(self, way) is not None]
        if len(given) > 1:
            raise problem(
                f"{' and '.join(given)} are two ways to say which instance",
                f"Give {given[0]} or {given[1]}, not both.",
                given[1],
            )
        if (self.flow is None) != (self.distance is None):
            lacks = "flow" if self.flow is None else "distance"
            raise problem(
                f"{lacks} is missing: flow and distance go together",
                f"Add {lacks}; a matrix of costs alone is called costs.",
                lacks,
            )
        if not given and self.name is None:
            raise problem(
                "nothing says which instance",
                "Give a name, a sha256, flow and distance, costs, or qaplib text.",
            )
        if self.linear is not None and self.flow is None:
            raise problem(
                "a linear term without flow and distance",
                "Add flow and distance; a matrix of costs alone is called costs.",
                "linear",
            )
        return self

    def matrices(self) -> Matrices | None:
        """Return the matrices that were sent, if any were."""
        if self.costs is not None:
            nothing = np.zeros_like(self.costs)
            return same_kind(nothing, nothing, self.costs)
        if self.flow is not None and self.distance is not None:
            return same_kind(self.flow, self.distance, self.linear)
        return None


def same_kind(flow: Matrix, distance: Matrix, linear: Matrix | None) -> Matrices:
    """Return the matrices as integers, or as floats if any of them has a fraction."""
    parts = [part for part in (flow, distance, linear) if part is not None]
    if any(part.dtype.kind == "f" for part in parts):
        return Matrices(
            flow.astype(np.float64),
            distance.astype(np.float64),
            None if linear is None else linear.astype(np.float64),
        )
    return Matrices(flow, distance, linear)


class InstanceView(BaseModel):
    """An instance that jobs may refer to."""

    sha256: str
    name: str | None
    order: int
    exact: bool
    best_known: int | float | None = None
    proven_optimal: bool | None = None
    lower_bound: int | float | None = None
    source: str
    """``library`` or ``stored``."""


class InstanceMatrices(BaseModel):
    """What an instance is made of, row by row."""

    sha256: str
    name: str | None
    order: int
    exact: bool
    flow: list[list[int | float]]
    distance: list[list[int | float]]
    linear: list[list[int | float]] | None
    """What it costs to place facility i at location j, beside the flows."""


class InstancePage(BaseModel):
    """The library, then what callers have stored, newest first."""

    items: list[InstanceView]
