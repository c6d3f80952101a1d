"""Keeps the published schema in the documentation: `python -m api.schema_file`.

With ``--check`` only says whether the file tells of the API as it is.
"""

import json
import sys
from pathlib import Path

from api.main import create_app
from db.contracts.settings import Settings

FILE = Path(__file__).parent.parent / "docs" / "reference" / "openapi.json"


def render() -> str:
    """Return the schema's JSON, in an order that does not change by itself."""
    schema = create_app(Settings.model_construct()).openapi()
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the file, or compare it."""
    text = render()
    if "--check" not in sys.argv:
        FILE.write_text(text, encoding="utf-8")
        return 0
    if FILE.exists() and FILE.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write("docs/reference/openapi.json is stale: run `make openapi`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
