"""Looks at the bytes of a JSON body for what would cost too much to parse."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_DEPTH = 32
MAX_DIGITS = 400
MAX_CONTAINERS = 1_000_000
MAX_STRINGS = 1_000_000
MAX_VALUES = 6_000_000
"""More than three matrices of the largest order, and than a batch of small ones."""

CHUNK_BYTES = 2**18
"""It fits into the processor's cache, and others get the interpreter in between."""
WINDOW = MAX_DIGITS // 2
"""Too many digits in a row fill one window at least, wherever they begin."""

USUAL_DIGITS = 40
TEN = 10

_DIGITS = bytes(ord("0") if chr(byte).isdecimal() else 32 for byte in range(256))
_TOO_MANY_DIGITS = b"0" * (MAX_DIGITS + 1)
_CASE = np.uint8(0x20)
"""Sets ``[`` and ``{`` apart, and ``]`` and ``}``."""

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Excess:
    """What there is too much of, and what to send instead."""

    detail: str
    suggestion: str


def find_excess(body: bytes) -> Excess | None:
    """Return the first thing that is too much; None if it may be parsed.

    One pass over the bytes: what is not JSON is for the parser to refuse.
    """
    if _is_small(body):
        return None
    if _may_have_long_numbers(body) and any(
        _TOO_MANY_DIGITS in chunk for chunk in _digits(body)
    ):
        return Excess(
            f"more than {MAX_DIGITS} digits in a row",
            "Round numbers to 17 significant digits, which is all a double has.",
        )
    return _count(body)


def _is_small(body: bytes) -> bool:
    """Return whether there is no room for anything that would be too much."""
    return len(body) <= MAX_DIGITS and body.count(b"[") + body.count(b"{") <= MAX_DEPTH


def _may_have_long_numbers(body: bytes) -> bool:
    """Return whether a window begins with more digits than numbers usually have."""
    count = len(body) // WINDOW
    windows = np.frombuffer(body, np.uint8, count * WINDOW).reshape(count, WINDOW)
    left = np.arange(count)
    for place in range(USUAL_DIGITS):
        is_digit = windows[left, place] - np.uint8(ord("0")) < TEN
        left = left[is_digit]
        if not left.size:
            return False
    return True


def _digits(body: bytes) -> Iterator[bytes]:
    """Yield the chunks with every digit as 0, each with the end of the one before."""
    for start in range(0, len(body), CHUNK_BYTES):
        yield body[max(0, start - MAX_DIGITS) : start + CHUNK_BYTES].translate(_DIGITS)


def _count(body: bytes) -> Excess | None:
    """Count what stands outside of strings, and how deep it stands."""
    depth, containers, values, quotes = 0, 0, 0, 0
    for chunk in _unescaped(body):
        values += int(np.count_nonzero(chunk == ord(",")))
        lowered = chunk | _CASE
        is_mark = (lowered == ord("{")) | (lowered == ord("}")) | (chunk == ord('"'))
        marks = chunk[is_mark]
        is_quote = marks == ord('"')
        before = quotes + np.cumsum(is_quote)
        brackets = marks[~is_quote & (before % 2 == 0)] | _CASE
        if brackets.size:
            is_open = brackets == ord("{")
            levels = depth + np.cumsum(np.where(is_open, 1, -1))
            containers += int(np.count_nonzero(is_open))
            depth = int(levels[-1])
            if levels.max() > MAX_DEPTH:
                return Excess(
                    f"nested deeper than {MAX_DEPTH} levels", "Send a flatter object."
                )
        quotes += int(np.count_nonzero(is_quote))
        if containers > MAX_CONTAINERS:
            return _too_many("lists and objects", MAX_CONTAINERS)
        if quotes > 2 * MAX_STRINGS:
            return _too_many("texts", MAX_STRINGS)
        if values > MAX_VALUES:
            return _too_many("values", MAX_VALUES)
    return None


def _unescaped(body: bytes) -> Iterator[Bytes]:
    """Yield the body without escaped quotes: the others begin and end texts."""
    if b"\\" not in body:
        whole = np.frombuffer(body, np.uint8)
        for start in range(0, len(body), CHUNK_BYTES):
            yield whole[start : start + CHUNK_BYTES]
        return
    start = 0
    while start < len(body):
        chunk = body[start : start + CHUNK_BYTES]
        if (len(chunk) - len(chunk.rstrip(b"\\"))) % 2:
            # The last one escapes what comes next.
            chunk = body[start : start + CHUNK_BYTES + 1]
        start += len(chunk)
        bare = chunk.replace(rb"\\", b"").replace(rb"\"", b"")
        yield np.frombuffer(bare, np.uint8)


def _too_many(what: str, limit: int) -> Excess:
    return Excess(
        f"more than {limit:,} {what}",
        "Store instances at /v1/instances and name them by their sha256.",
    )
