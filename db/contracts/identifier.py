"""How things are named: a prefix that says what, and 128 random bits."""

import secrets


def new_id(prefix: str) -> str:
    """Return a name that no one can guess, like ``job_9f…``."""
    return f"{prefix}_{secrets.token_hex(16)}"
