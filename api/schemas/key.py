"""Keys as operators make and see them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from db.contracts.api_key import NAME_PATTERN
from db.contracts.caller import OWNER_PATTERN, Scope
from db.contracts.kinds.solve import Strict

MAX_DAYS = 3650.0
MAX_JOBS = 2**31 - 1
ScopeName = Literal["jobs:read", "jobs:write", "admin"]


class KeyInput(Strict):
    """A key that is to be made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "owner": "planning",
                    "name": "nightly runs",
                    "scopes": ["jobs:read", "jobs:write"],
                    "expires_days": 90,
                    "max_queued": 1000,
                }
            ]
        }
    )

    owner: str = Field(pattern=OWNER_PATTERN)
    """Whose jobs it sees; keys of one owner see the same ones."""
    name: str = Field("", max_length=100, pattern=NAME_PATTERN)
    """What it is for."""
    scopes: list[ScopeName] = Field(
        default=["jobs:read", "jobs:write"], min_length=1, max_length=3
    )
    """What it allows; ``admin`` includes the others."""
    expires_days: float | None = Field(None, gt=0, le=MAX_DAYS)
    max_queued: int | None = Field(None, ge=1, le=MAX_JOBS)
    """How many of the owner's jobs may wait, of those that are sent with it."""
    max_running: int | None = Field(None, ge=1, le=MAX_JOBS)
    """How many of the owner's jobs run at once in each queue."""


class KeyView(BaseModel):
    """A key, without its secret."""

    prefix: str
    """What it begins with, and is called by."""
    owner: str
    name: str
    scopes: list[Scope]
    max_queued: int | None
    max_running: int | None
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    """To the minute."""


class NewKeyView(KeyView):
    """A key that was just made."""

    key: str
    """All of it: this once."""


class KeyPage(BaseModel):
    """All keys there ever were, newest first."""

    items: list[KeyView]
