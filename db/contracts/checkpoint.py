"""What the next attempt of a solve may start from."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

Number = int | float


class Checkpoint(BaseModel):
    """The incumbent as the heartbeat last wrote it, and the budget used so far."""

    model_config = ConfigDict(frozen=True)

    objective: Number
    permutation: list[int]
    bound: Number | None = None
    bound_name: str | None = None
    iterations: int
    elapsed_s: float
    method: str | None = None
    island: int | None = None
    """What found it, and where several share what they find, who."""
    improvements: list[tuple[float, Number]] = Field(default_factory=list)
    """When incumbents were found, in seconds of solving, and their objectives."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``model_dump_json`` wrote."""
        return cls.model_validate_json(text)
