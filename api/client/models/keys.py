"""Keys and tokens."""

from pydantic import Field

from api.client.models.answer import Answer


class ApiKey(Answer):
    """A key, without its secret."""

    prefix: str
    owner: str
    name: str = ""
    scopes: tuple[str, ...] = ()
    max_queued: int | None = None
    max_running: int | None = None
    created_at: str
    expires_at: str | None = None
    revoked_at: str | None = None
    last_used_at: str | None = None


class NewApiKey(ApiKey):
    """A key that was just made."""

    key: str = Field(repr=False)
    """All of it: this once."""


class StreamToken(Answer):
    """What a browser may follow its topics with, in an address if need be."""

    token: str = Field(repr=False)
    expires_at: str
    topics: tuple[str, ...] = ()
