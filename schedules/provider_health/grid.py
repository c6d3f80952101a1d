"""When a provider is checked: on a grid of its own, so that all are spread evenly.

The hash of its id says where its grid begins, and that of the id and a check's place
on the grid how much later than there the check is. Whoever computes it gets the same.
"""

import hashlib
import math

JITTER_SHARE = 0.05
LONGEST_JITTER_S = 5.0


def next_due(provider_id: str, every_s: float, after: float) -> float:
    """Return the first moment on its grid, jitter included, that is later."""
    begin = _fraction(provider_id) * every_s
    place = math.floor((after - begin) / every_s)
    due = _due(provider_id, every_s, begin, place)
    # `after` may be before the jitter of its own place is over.
    return due if due > after else _due(provider_id, every_s, begin, place + 1)


def _due(provider_id: str, every_s: float, begin: float, place: int) -> float:
    jitter = _fraction(f"{provider_id} {place}") * _longest(every_s)
    return begin + place * every_s + jitter


def _longest(every_s: float) -> float:
    return min(JITTER_SHARE * every_s, LONGEST_JITTER_S)


def _fraction(text: str) -> float:
    """Return a number from 0 to 1 that is as good as random."""
    digest = hashlib.blake2b(text.encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48
