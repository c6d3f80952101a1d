"""Traces as text: the W3C's ``traceparent``, passed on from request to webhook.

Nothing is measured here. What a caller sends goes on unchanged, so that its tracer sees
the receiver of the webhook as part of the same trace; without one a trace begins here.
"""

import re
import secrets

_FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NOT_RECORDED = "00"


def parse(text: str) -> str | None:
    """Return the ``traceparent`` if it is one, as version 00 tells it, else None."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    version, trace, span, flags, more = found.groups()
    is_known = version != "ff" and not (version == "00" and more)
    if not is_known or not int(trace, 16) or not int(span, 16):
        return None
    # What a later version adds is not ours to repeat.
    return f"00-{trace}-{span}-{flags}"


def begin() -> str:
    """Return a new trace; no span of it has been recorded."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-{_NOT_RECORDED}"


def trace_id(traceparent: str) -> str:
    """Return the trace's id, as tracers show it."""
    return traceparent.split("-")[1]
