"""The working precision, which the library keeps once for the whole process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flint import ctx

BITS_PER_DIGIT = 3.3219280948873626
DIGITS_PER_BIT = 0.3010299956639812
CACHED_BITS = 40_000
"""Above this the library's tables are dropped at the end, for the memory's sake."""
_LOCK = threading.RLock()


@contextmanager
def working_bits(bits: int) -> Iterator[None]:
    """Compute with so many bits, alone in this process, and put back what was."""
    with _LOCK:
        kept = ctx.prec
        ctx.prec = bits
        try:
            yield
        finally:
            if ctx.prec > CACHED_BITS:
                ctx.cleanup()
            ctx.prec = kept
