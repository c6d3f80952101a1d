"""Reads `deploy/compose.yaml`: what each container runs, with what, for how long."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.clean_root.dockerfile import ROOT, Stage

COMPOSE = ROOT / "deploy" / "compose.yaml"
_SECONDS = {"s": 1.0, "m": 60.0}
_VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::-([^}]*))?\}")


@dataclass(frozen=True)
class Container:
    """One service of ours."""

    name: str
    command: list[str]
    environment: dict[str, str]
    probe: list[str]
    """What tells whether it is healthy; empty where nobody asks."""
    grace_seconds: float
    """Between SIGTERM and SIGKILL."""


def read(path: Path = COMPOSE) -> dict[str, Any]:
    """Return the file, with the defaults of its variables in their places."""
    text = _VARIABLE.sub(
        lambda match: os.environ.get(match[1]) or match[2] or "",
        path.read_text(encoding="utf-8"),
    )
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def own_services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return those that run the image that is built here."""
    return {
        name: service
        for name, service in compose["services"].items()
        if "build" in service
    }


def container(compose: dict[str, Any], name: str, image: Stage) -> Container:
    """Return what runs, as the file says or else the image."""
    service = compose["services"][name]
    check = service.get("healthcheck")
    if check is None:
        probe = image.last("HEALTHCHECK").text.partition("CMD ")[2]
        check = {"test": ["CMD", *yaml.safe_load(probe)]}
    return Container(
        name,
        command=service.get("command") or image.last("CMD").arguments,
        environment=dict(service.get("environment", {})),
        probe=[] if check.get("disable") else check["test"][1:],
        grace_seconds=seconds(service.get("stop_grace_period", "10s")),
    )


def seconds(text: str) -> float:
    """Return a duration such as ``30s``."""
    return float(text[:-1]) * _SECONDS[text[-1]]
