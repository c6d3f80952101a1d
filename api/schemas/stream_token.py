"""Stream tokens as they are asked for and given."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas.socket import MAX_TOPIC, TOPIC_PATTERN
from db.contracts.kinds.solve import Strict

MAX_TOPICS = 128
MAX_SECONDS = 300
USUAL_SECONDS = 60

Topic = Annotated[
    str, StringConstraints(min_length=3, max_length=MAX_TOPIC, pattern=TOPIC_PATTERN)
]


class StreamTokenInput(Strict):
    """What is to be read with it, and until when it opens that."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "topics": ["metrics", "notifications"],
                    "expires_in_s": 60,
                }
            ]
        }
    )

    topics: list[Topic] = Field(min_length=1, max_length=MAX_TOPICS)
    """As a socket subscribes to them: ``job:{id}``, ``batch:{id}``,
    ``benchmark:{id}``, or the name of a channel."""
    expires_in_s: int = Field(USUAL_SECONDS, ge=1, le=MAX_SECONDS)
    """In which streams can be opened with it; those that are open go on."""


class StreamTokenView(BaseModel):
    """A token that was just made."""

    token: str
    expires_at: str
    topics: list[str]
