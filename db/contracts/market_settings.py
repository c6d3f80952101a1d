"""The settings of the market feed, which are a part of all settings."""

from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from db.contracts.market_provider import Pointers


class MarketSettings(BaseSettings):
    """Where the feed's values come from, and how long they are kept."""

    # Whether there are ticks; how long they are kept; which path the model takes.
    market_feed: bool = True
    market_retention_days: float = Field(7.0, gt=0)
    market_seed: int = Field(1, ge=0, lt=2**63)
    # Where they come from instead. The address may hold a key.
    market_provider_url: SecretStr = SecretStr("")
    market_provider_token: SecretStr = SecretStr("")
    market_provider_pointers: Annotated[Pointers, NoDecode] = Pointers()
    market_provider_timeout_seconds: float = Field(5.0, gt=0, lt=10)
    # Or the name of a watched provider whose series are named as the fields are.
    market_watched: str = Field("", max_length=200)

    # How many calculations bound to the feed one caller may have.
    live_calculations: int = Field(20, ge=1)
    # How long the jobs that they bring are kept: there are thousands a day of each.
    live_job_days: float = Field(1.0, gt=0)

    @field_validator("market_provider_pointers", mode="before")
    @classmethod
    def _read_pointers(cls, value: object) -> object:
        return Pointers.parse(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _take_one_source(self) -> Self:
        if self.market_watched and self.market_provider_url:
            raise ValueError(
                "SOLVEQUEUE_MARKET_WATCHED and SOLVEQUEUE_MARKET_PROVIDER_URL are two "
                "sources of the market feed; give one"
            )
        return self
