"""The client needs little: whoever copies it has to bring no more than this."""

import ast
import sys
from pathlib import Path

CLIENT = Path(__file__).parents[2] / "api" / "client"
OURS = ("api.client", "db.contracts")
LIBRARIES = {"anyio", "httpx2", "pydantic", "typing_extensions"}
LATE = {("solution.py", "numpy")}
"""What is needed only by those who ask for it."""


def imported(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def test_the_client_imports_contracts_and_the_http_client_only() -> None:
    strange = {
        (file.name, name)
        for file in CLIENT.rglob("*.py")
        for name in imported(file)
        if not name.startswith(OURS)
        and name.split(".")[0] not in LIBRARIES | sys.stdlib_module_names
        and (file.name, name.split(".")[0]) not in LATE
    }
    assert strange == set()


def test_numpy_is_imported_when_it_is_asked_for() -> None:
    tree = ast.parse((CLIENT / "solution.py").read_text(encoding="utf-8"))
    at_once = [node for node in tree.body if isinstance(node, ast.Import)]
    assert "numpy" not in {alias.name for node in at_once for alias in node.names}
