"""The settings of who is watched, which are a part of all settings."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode


class RegistrySettings(BaseSettings):
    """Where providers are named, beside the API, and how many there may be."""

    # A TOML file of providers; it is read again and again.
    providers_file: Path | None = None
    # Ready sets of them that are watched too, such as crypto.
    provider_sets: Annotated[tuple[str, ...], NoDecode] = ()
    # Whether the service's own parts are watched as providers.
    provider_parts: bool = True
    # How many the API may name, all callers together.
    max_providers: int = Field(2000, ge=1)
    # How long it is kept what the checks of an hour have come to.
    provider_hour_days: float = Field(400.0, gt=0)

    @field_validator("providers_file", mode="before")
    @classmethod
    def _read_file(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("provider_sets", mode="before")
    @classmethod
    def _read_sets(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value
