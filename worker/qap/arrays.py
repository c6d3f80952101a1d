"""The array types that signatures in the core speak of."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

IntVector = NDArray[np.int64]
AnyArray = NDArray[Any]
Matrix = NDArray[Any]  # int64 where exact, else float64
