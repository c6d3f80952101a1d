"""The settings of checks of providers, which are a part of all settings."""

import os
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

from db.contracts.webhook_address import AllowList

ALLOW_CIDRS = "SOLVEQUEUE_PROVIDER_ALLOW_CIDRS"
KEYS = (
    "ETHERSCAN_KEY_1",
    "ETHERSCAN_KEY_2",
    "BSCSCAN_KEY",
    "TRONSCAN_KEY",
    "COINMARKETCAP_KEY_1",
    "COINMARKETCAP_KEY_2",
    "NEWSAPI_KEY",
    "CRYPTOCOMPARE_KEY",
    "HUGGINGFACE_KEY",
)
"""What the earlier monitor read its keys from."""


class ProviderSettings(BaseSettings):
    """How providers are checked, and how long what was seen is kept."""

    # How many checks one process of the couriers makes at once.
    provider_threads: int = Field(48, ge=1, le=500)
    # Private networks in which providers may be.
    provider_allow_cidrs: Annotated[tuple[str, ...], NoDecode] = ()
    # The variables that may be read for keys, and no others: whoever may name a
    # provider could have any secret of the environment sent to it otherwise.
    provider_key_names: Annotated[tuple[str, ...], NoDecode] = KEYS
    # After so many calls in a row without an answer it is asked less often, but at
    # least once in so long, or as often as it is to be asked.
    provider_breaker_failures: int = Field(5, ge=1)
    provider_breaker_seconds: float = Field(300.0, gt=0)
    # How long checks, collections and budgets are kept, and changes of states.
    provider_check_days: float = Field(30.0, gt=0)
    provider_change_days: float = Field(365.0, gt=0)

    @cached_property
    def provider_keys(self) -> Mapping[str, SecretStr]:
        """The keys that this process was started with, by variable."""
        found = {
            name: os.environ.get(name, "").strip() for name in self.provider_key_names
        }
        return {name: SecretStr(key) for name, key in found.items() if key}

    @cached_property
    def provider_networks(self) -> AllowList:
        """The private networks in which providers may be."""
        return AllowList(self.provider_allow_cidrs, setting=ALLOW_CIDRS)

    @field_validator("provider_allow_cidrs", "provider_key_names", mode="before")
    @classmethod
    def _split_words(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("provider_allow_cidrs")
    @classmethod
    def _know_the_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        AllowList(value, setting=ALLOW_CIDRS)
        return value
