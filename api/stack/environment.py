"""What a child is told through its environment."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import AliasChoices, SecretStr

from api.stack.child import ROOT
from db.contracts.settings import Settings


def child_environment(
    settings: Settings, overrides: Mapping[str, str], *, kernels: Path | None = None
) -> dict[str, str]:
    """Return ours, with every setting that was given spelled out, then `overrides`.

    Compiled code is kept in `kernels`, or at home, unless ours names a folder.
    """
    environment = dict(os.environ)
    for name in sorted(settings.model_fields_set):
        value = getattr(settings, name)
        if value is not None:
            environment[_variable(name)] = _text(value)
    home = settings.home.absolute()
    environment["SOLVEQUEUE_HOME"] = str(home)
    environment.setdefault("NUMBA_CACHE_DIR", str(kernels or home / "kernels"))
    environment["PYTHONUNBUFFERED"] = "1"
    paths = [str(ROOT), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    return environment | dict(overrides)


def _variable(field: str) -> str:
    alias = Settings.model_fields[field].validation_alias
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    return f"SOLVEQUEUE_{field.upper()}"


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)
