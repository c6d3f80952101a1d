"""Keeps the published schemas in the documentation: `python -m api.schema_file`.

OpenAPI for what is asked by HTTP, AsyncAPI for the sockets. With ``--check`` only says
whether the files tell of the service as it is.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from api import asyncapi
from api.main import create_app
from db.contracts.settings import Settings

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
FILE = FOLDER / "openapi.json"
SOCKETS_FILE = FOLDER / "asyncapi.json"


def render() -> str:
    """Return the schema's JSON, in an order that does not change by itself."""
    return _text(create_app(Settings.model_construct()).openapi())


def render_sockets() -> str:
    """Return that of the sockets."""
    return _text(asyncapi.document())


FILES: dict[Path, Callable[[], str]] = {FILE: render, SOCKETS_FILE: render_sockets}


def main() -> int:
    """Write the files, or compare them."""
    stale = 0
    for file, make in FILES.items():
        text = make()
        if "--check" not in sys.argv:
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            sys.stderr.write(
                f"docs/reference/{file.name} is stale: run `make openapi`\n"
            )
            stale = 1
    return stale


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
