"""What a caller who names something that there is not may have meant."""

import difflib
from collections.abc import Collection

MAX_COMPARED = 100
"""Characters: comparing takes the square of the length."""


def did_you_mean(
    name: str,
    known: Collection[str],
    *,
    most: int = 1,
    likeness: float = 0.6,
    before: str = "",
) -> str:
    """Return a question and a space behind it; nothing where nothing is like it."""
    near = difflib.get_close_matches(
        name[:MAX_COMPARED], known, n=most, cutoff=likeness
    )
    return f"Did you mean {', '.join(before + each for each in near)}? " if near else ""
