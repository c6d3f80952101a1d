"""The matrices of the shipped library, for those who never import the worker.

They are data of the package ``worker``: files are read here, no code of it is run. The
catalogue's hashes say whether what was read is what was meant.
"""

from importlib.resources import files

import numpy as np

from db import instance_codec
from db.contracts.catalogue import InstanceEntry
from db.instance_codec import Matrices

_DATA = "qap/qaplib/data"


def load_matrices(entry: InstanceEntry) -> Matrices:
    """Return an instance of the shipped library."""
    path = files("worker").joinpath(f"{_DATA}/{entry.name}.dat")
    order, *values = path.read_text("ascii").replace(",", " ").split()
    size = int(order)
    numbers = np.array(values, np.int64).reshape(2, size, size)
    matrices = Matrices(numbers[0], numbers[1])
    found = instance_codec.sha256(instance_codec.encode(matrices))
    if found != entry.sha256:
        raise ValueError(f"{path} holds {found}, not {entry.sha256}")
    return matrices
