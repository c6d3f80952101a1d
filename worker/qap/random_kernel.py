"""Random numbers inside kernels."""

import numpy as np

from worker.qap.arrays import AnyArray
from worker.qap.compile import inlined_kernel


@inlined_kernel
def draw(random: AnyArray) -> float:
    """Return a number uniform in [0, 1): xorshift with the shifts 13, 7, 17.

    `random` has shape ``(1,)``, uint64: never 0, changed.
    """
    s = random[0]
    s ^= s << np.uint64(13)
    s ^= s >> np.uint64(7)
    s ^= s << np.uint64(17)
    random[0] = s
    return np.float64(s >> np.uint64(11)) * 2.0**-53
