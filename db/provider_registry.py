"""Providers that files name: the operator's own, and the sets that come along.

What is wrong with an entry is told and costs the others nothing; and while a file
cannot be read, nothing is concluded from what is not in it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from typing_extensions import override

from db.contracts.near_miss import did_you_mean
from db.contracts.provider_faults import faults_of
from db.contracts.provider_input import ProviderInput
from db.contracts.settings import Settings

MAX_BYTES = 5_000_000
HEADING = "provider"
"""Each stands below a ``[[provider]]``."""
_SETS = files("db").joinpath("providers")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and what to do about it."""

    source: str
    """The file, or the set."""
    provider: str
    """Its name, or which one it is; empty: the whole."""
    field: str
    """A JSON pointer into its description; empty: all of it."""
    detail: str
    suggestion: str

    @override
    def __str__(self) -> str:
        where = ", ".join(filter(None, (self.source, self.provider, self.field)))
        return f"{where}: {self.detail}. {self.suggestion}"


@dataclass(slots=True)
class Registry:
    """What the files name at present."""

    providers: dict[str, ProviderInput] = field(default_factory=dict)
    """By name in small letters."""
    faults: list[Fault] = field(default_factory=list)
    is_whole: bool = True
    """Whether all names are known: who is not among them has left."""
    named: set[str] = field(default_factory=set)
    """Names in small letters, those of faulty entries included."""


def read_registry(settings: Settings) -> Registry:
    """Read the sets that are taken into use, and the operator's file."""
    registry = Registry()
    for name in settings.provider_sets:
        text = known_sets().get(name)
        if text is None:
            known = ", ".join(known_sets())
            registry.is_whole = False
            registry.faults.append(
                Fault(
                    "SOLVEQUEUE_PROVIDER_SETS",
                    name,
                    "",
                    "there is no such set",
                    f"{did_you_mean(name, known_sets())}The sets: {known}.",
                )
            )
        else:
            _take(registry, f"set {name}", text, settings)
    if settings.providers_file is not None:
        _take_file(registry, settings.providers_file, settings)
    return registry


@cache
def known_sets() -> Mapping[str, str]:
    """Return the texts of the sets that come along, by name."""
    found = sorted(each.name for each in _SETS.iterdir())
    return {
        name.removesuffix(".toml"): _SETS.joinpath(name).read_text(encoding="utf-8")
        for name in found
        if name.endswith(".toml")
    }


def _take_file(registry: Registry, path: Path, settings: Settings) -> None:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ValueError(f"it has more than {MAX_BYTES} bytes")
        text = content.decode("utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        registry.is_whole = False
        registry.faults.append(
            Fault(
                str(path),
                "",
                "",
                f"the file cannot be read: {reason or type(error).__name__}",
                "Correct SOLVEQUEUE_PROVIDERS_FILE or the file; what it named before "
                "stays.",
            )
        )
        return
    _take(registry, str(path), text, settings)


def _take(registry: Registry, source: str, text: str, settings: Settings) -> None:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        registry.is_whole = False
        registry.faults.append(
            Fault(source, "", "", f"this is no TOML: {error}", "Correct that line.")
        )
        return
    unknown = sorted(set(content) - {HEADING})
    if unknown:
        hint = did_you_mean(unknown[0], [HEADING])
        registry.faults.append(
            Fault(
                source,
                "",
                f"/{unknown[0]}",
                "there is no such table",
                f"{hint}Write each provider below a line [[{HEADING}]].",
            )
        )
    entries = content.get(HEADING, [])
    if not isinstance(entries, list):
        registry.is_whole = False
        registry.faults.append(
            Fault(
                source,
                "",
                f"/{HEADING}",
                "this is one table, not a list of them",
                f"Write [[{HEADING}]] with two brackets.",
            )
        )
        return
    for number, entry in enumerate(entries, 1):
        _take_entry(registry, source, number, entry, settings)


def _take_entry(
    registry: Registry, source: str, number: int, entry: Any, settings: Settings
) -> None:
    told = entry.get("name") if isinstance(entry, dict) else None
    has_name = isinstance(told, str)
    label = str(told)[:100] if has_name else f"number {number}"
    if not has_name:
        registry.is_whole = False
    key = label.lower()
    if has_name and key in registry.named:
        registry.faults.append(
            Fault(
                source,
                label,
                "/name",
                "another one is called so already",
                "Give each a name of its own; the first one is watched.",
            )
        )
        return
    if has_name:
        registry.named.add(key)
    try:
        given = ProviderInput.model_validate(entry, strict=True)
    except ValidationError as error:
        registry.faults += _found(source, label, error)
        return
    problems = faults_of(
        given,
        networks=settings.provider_networks,
        key_names=settings.provider_key_names,
    )
    if problems:
        registry.faults += [
            Fault(
                source,
                label,
                each.pointer.removeprefix("#"),
                each.detail,
                each.suggestion or "",
            )
            for each in problems
        ]
        return
    registry.providers[key] = given


def _found(source: str, label: str, error: ValidationError) -> Iterator[Fault]:
    for finding in error.errors(include_url=False, include_input=False):
        path = "".join(f"/{part}" for part in finding["loc"])
        detail, suggestion = finding["msg"], "Correct it."
        if finding["type"] == "extra_forbidden":
            known = list(ProviderInput.model_fields)
            detail = "there is no such field"
            suggestion = did_you_mean(str(finding["loc"][-1]), known).rstrip() or (
                f"Leave it out; a provider's fields are {', '.join(known)}."
            )
        elif finding["type"] == "missing":
            detail, suggestion = "a required field is missing", f"Add {path[1:]}."
        yield Fault(source, label, path, detail, suggestion)
