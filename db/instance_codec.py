"""An instance's canonical bytes: what its hash is taken of, and what is stored.

Layout: ``b"QAP1"``, one byte of flags (1 exact integers, 2 linear term), the order as
four bytes, then flow, distance and, if flagged, linear, row by row, eight bytes a
value, all little-endian.
"""

import hashlib
import struct
import zlib
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.int64] | NDArray[np.float64]

_HEAD = struct.Struct("<4sBI")
_MAGIC = b"QAP1"
_EXACT, _LINEAR = 1, 2


@dataclass(frozen=True, eq=False)
class Matrices:
    """Flow, distance and perhaps a linear term, all int64 or all float64."""

    flow: Matrix
    distance: Matrix
    linear: Matrix | None = None

    @property
    def order(self) -> int:
        """The number of facilities."""
        return len(self.flow)

    @property
    def is_exact(self) -> bool:
        """Whether every value is an integer."""
        return self.flow.dtype.kind == "i"

    @property
    def is_linear(self) -> bool:
        """Whether nothing but the linear term is left: no flow, or no distance."""
        return not (self.flow.any() and self.distance.any())


def encode(matrices: Matrices) -> bytes:
    """Return the canonical bytes."""
    flags = _EXACT * matrices.is_exact | _LINEAR * (matrices.linear is not None)
    parts = [matrices.flow, matrices.distance]
    if matrices.linear is not None:
        parts.append(matrices.linear)
    kind = "<i8" if matrices.is_exact else "<f8"
    return _HEAD.pack(_MAGIC, flags, matrices.order) + b"".join(
        # Adding 0 turns -0.0 into 0.0: equal values, equal bytes.
        (np.ascontiguousarray(part) + 0).astype(kind).tobytes()
        for part in parts
    )


def decode(content: bytes) -> Matrices:
    """Return the matrices of canonical bytes."""
    magic, flags, order = _HEAD.unpack_from(content)
    if magic != _MAGIC:
        raise ValueError("not the canonical bytes of an instance")
    kind = "<i8" if flags & _EXACT else "<f8"
    values = np.frombuffer(content, kind, offset=_HEAD.size)
    parts = values.reshape(3 if flags & _LINEAR else 2, order, order)
    return Matrices(parts[0], parts[1], parts[2] if flags & _LINEAR else None)


def sha256(content: bytes) -> str:
    """Return the name by which the content is known."""
    return hashlib.sha256(content).hexdigest()


def compress(content: bytes) -> bytes:
    """Return the bytes as the database keeps them."""
    return zlib.compress(content, 6)


def decompress(content: bytes) -> bytes:
    """Return the bytes that were compressed."""
    return zlib.decompress(content)
