"""Numbers as text that sorts as they do, for whoever can compare text only."""

import struct

DIGITS = 20
"""Of a 64-bit integer."""
_SIGN = 1 << 63
_MIDDLE = 10**DIGITS // 2


def rank(value: int | float) -> str:
    """Return digits, always as many: ``rank(a) < rank(b)`` if and only if ``a < b``.

    Integers may be larger than a float holds exactly: what rounding leaves over is
    written behind the float.
    """
    nearest = float(value) + 0.0  # not -0.0
    (bits,) = struct.unpack(">Q", struct.pack(">d", nearest))
    # Of floats, the bits of the positive sort as integers do, those of the negative
    # the other way round.
    place = bits ^ (2 * _SIGN - 1) if bits & _SIGN else bits | _SIGN
    rest = value - int(nearest) if isinstance(value, int) else 0
    return f"{place:0{DIGITS}d}{_MIDDLE + rest:0{DIGITS}d}"
