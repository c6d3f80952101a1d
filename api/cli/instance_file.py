"""What a person may write for an instance, in the form that the service takes."""

import json
import re
from pathlib import Path
from typing import Any

import typer

_SHA256 = re.compile(r"[0-9a-f]{64}")


def read_instance(text: str) -> dict[str, Any]:
    """Return the instance of a file, a hash, or a name of the library."""
    path = Path(text).expanduser()
    if path.is_file():
        return _read_json(path) if path.suffix == ".json" else _read_qaplib(path)
    if path.suffix in {".dat", ".json", ".txt"} or len(path.parts) > 1:
        raise typer.BadParameter(f"there is no file {text}")
    if _SHA256.fullmatch(text):
        return {"sha256": text}
    return {"name": text}


def _read_qaplib(path: Path) -> dict[str, Any]:
    try:
        return {"qaplib": path.read_text("ascii"), "name": path.stem}
    except UnicodeDecodeError:
        raise typer.BadParameter(
            f"{path} is not a QAPLIB file: it is not text"
        ) from None


def _read_json(path: Path) -> dict[str, Any]:
    try:
        instance = json.loads(path.read_bytes())
    except ValueError as error:
        raise typer.BadParameter(f"{path} is not JSON: {error}") from None
    if not isinstance(instance, dict):
        raise typer.BadParameter(
            f"{path} holds no object: write flow and distance, or costs"
        )
    return {"name": path.stem, **instance}
