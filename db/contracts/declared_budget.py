"""Reads what servers say of their budgets: RateLimit and what came before it.

The header fields `RateLimit` and `RateLimit-Policy` are an IETF draft that has changed
its form; `X-RateLimit-*` was never written down. Whatever cannot be read is passed
over: a budget that is not understood is no reason to make no calls.
"""

import re
from collections.abc import Mapping

from db.contracts.budget import Declared

LONGEST_S = 2 * 86_400.0
"""A reset that is farther away is not believed."""
_FIRST_YEARS_S = 1_000_000_000.0
"""From here on a number is a moment, and no time from now."""
_FIRST_YEARS_MS = 100 * _FIRST_YEARS_S
_NUMBER = re.compile(r"\s*([0-9]{1,15})(\.[0-9]{1,9})?\s*(?:[,;].*)?", re.DOTALL)
_MEMBER = re.compile(r"\b(limit|remaining|reset|q|r|t|w)=([0-9]{1,15})\b")
_FIRST = re.compile(r"[^,]*")
_WINDOW = re.compile(r";\s*w=([0-9]{1,9})\b")


def read_declared(headers: Mapping[str, str], at: float) -> Declared | None:
    """Return what the headers, named in small letters, say at this moment."""
    told = _of_one_field(headers.get("ratelimit", ""))
    for prefix in ("ratelimit-", "x-ratelimit-", "x-rate-limit-"):
        for name in ("limit", "remaining", "reset"):
            found = _number(headers.get(prefix + name, ""))
            if found is not None:
                told.setdefault(name, found)
    policy = headers.get("ratelimit-policy", "") or headers.get("ratelimit-limit", "")
    for name, found in _of_policy(policy).items():
        told.setdefault(name, found)
    remaining, reset = told.get("remaining"), told.get("reset")
    if remaining is None or reset is None:
        return None
    resets_at = _moment(reset, at)
    if not at <= resets_at <= at + LONGEST_S:
        return None
    limit = told.get("limit")
    return Declared(
        limit=None if limit is None else int(limit),
        remaining=int(remaining),
        resets_at=resets_at,
        window_s=told.get("window"),
    )


_NAMES = {"r": "remaining", "t": "reset", "q": "limit"}


def _of_one_field(text: str) -> dict[str, float]:
    """Read ``"default";r=50;t=30`` and ``limit=100, remaining=50, reset=30``."""
    is_list_of_policies = ";" in text
    first = _FIRST.match(text)
    part = first.group() if is_list_of_policies and first else text
    return {
        _NAMES.get(name, name): float(number)
        for name, number in _MEMBER.findall(part)
        if name != "w"
    }


def _of_policy(text: str) -> dict[str, float]:
    """Read ``"default";q=100;w=60`` and ``100;w=60``, the first of several."""
    first = _FIRST.match(text)
    part = first.group() if first else ""
    told = {}
    if found := dict(_MEMBER.findall(part)).get("q"):
        told["limit"] = float(found)
    elif (plain := _number(part)) is not None:
        told["limit"] = plain
    if window := _WINDOW.search(part):
        told["window"] = float(window.group(1))
    return told


def _number(text: str) -> float | None:
    match = _NUMBER.fullmatch(text)
    return float(match.group(1) + (match.group(2) or "")) if match else None


def _moment(reset: float, at: float) -> float:
    if reset >= _FIRST_YEARS_MS:
        return reset / 1000
    return reset if reset >= _FIRST_YEARS_S else at + reset
