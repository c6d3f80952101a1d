"""What the payloads of all events have in common."""

from pydantic import BaseModel


class Payload(BaseModel):
    """The ``data`` of an event."""
