"""The variables that settings are read from, and those that only look like them."""

import os
from collections.abc import Mapping

from pydantic import AliasChoices

from db.contracts.settings import Settings

PREFIX = "SOLVEQUEUE_"
OF_CALLERS = ("SOLVEQUEUE_URL", "SOLVEQUEUE_API_KEY")
"""What the command line reads of whoever calls a service."""
OF_TESTS = "SOLVEQUEUE_TEST_"


def given_variables() -> Mapping[str, str]:
    """Return the environment, for whoever tells what is wrong with it."""
    return dict(os.environ)


def names_redis(settings: Settings) -> bool:
    """Return whether a server of events is named; else a stack brings its own."""
    return bool(settings.redis_url or settings.redis_host)


def variables_of(setting: str) -> tuple[str, ...]:
    """Return the names by which a setting is given."""
    alias = Settings.model_fields[setting].validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(map(str, alias.choices))
    return (f"{PREFIX}{setting.upper()}",)


KNOWN = frozenset(
    {name for setting in Settings.model_fields for name in variables_of(setting)}
    | set(OF_CALLERS)
)
"""All that are read."""


def unknown(environment: Mapping[str, str]) -> list[str]:
    """Return the names that begin as ours do and that nobody reads."""
    return sorted(
        name
        for name in environment
        # Settings are found however they are capitalised.
        if (upper := name.upper()).startswith(PREFIX)
        and not upper.startswith(OF_TESTS)
        and upper not in KNOWN
    )
