"""What the service tells of itself."""

from api.client.models.answer import Answer


class Channel(Answer):
    """Something that may be followed by its name."""

    name: str
    summary: str
    events: str
    """Where its events are."""
