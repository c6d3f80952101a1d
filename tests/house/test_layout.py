"""The layout rules of docs/style.md, as tests."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("api", "worker", "schedules", "db")
MAX_LINES = 400
VAGUE = {
    "base",
    "common",
    "core",
    "helper",
    "helpers",
    "manager",
    "misc",
    "shared",
    "util",
    "utils",
}
LOCK_FILES = ("requirements.txt", "requirements-dev.txt", "requirements-audit.txt")
# Settings is the only reader; the others tell what to read, or what nobody reads.
MAY_TOUCH_THE_ENVIRONMENT = {
    Path("db/contracts/settings.py"),
    Path("db/contracts/provider_settings.py"),
    Path("db/contracts/variables.py"),
    Path("worker/app.py"),
    Path("api/stack/environment.py"),
    Path("worker/qap/benchmark/pool.py"),
}


def python_files(*folders: str) -> list[Path]:
    return sorted(
        path.relative_to(ROOT)
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
    )


@cache
def names_used(path: Path) -> set[str]:
    """Return every dotted name and imported name of the file."""
    used: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            used.add(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom):
            used |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            used |= {alias.name for alias in node.names}
    return used


SOURCES = python_files(*PACKAGES)
TESTS = python_files("tests")
EXAMPLES = python_files("examples")


# Each rule is one test that names all who break it: a test a file would take longer
# than the rule does.
def test_a_file_fits_on_a_few_screens() -> None:
    long = {
        str(path): len(lines)
        for path in SOURCES + TESTS + EXAMPLES
        if len(lines := (ROOT / path).read_text("utf-8").splitlines()) > MAX_LINES
    }
    assert long == {}


def test_a_name_says_what_is_inside() -> None:
    vague = [
        str(path)
        for path in SOURCES + TESTS + EXAMPLES
        if VAGUE & {*path.parts[:-1], path.stem.removeprefix("test_")}
    ]
    assert vague == []


def test_every_unit_test_has_a_module() -> None:
    unit = ROOT / "tests" / "unit"
    orphans = [
        str(test.relative_to(unit))
        for test in sorted(unit.rglob("test_*.py"))
        if not _tested(test.relative_to(unit)).exists()
    ]
    assert orphans == []


def _tested(test: Path) -> Path:
    return ROOT / test.with_name(test.name.removeprefix("test_"))


def test_only_settings_read_the_environment() -> None:
    readers = {"os.environ", "os.environb", "os.getenv"}
    found = {path for path in SOURCES if readers & names_used(path)}
    assert found <= MAY_TOUCH_THE_ENVIRONMENT


def test_every_kernel_is_made_by_the_one_decorator() -> None:
    found = {
        path
        for path in python_files("worker/qap")
        if any(name.split(".")[0] == "numba" for name in names_used(path))
    }
    assert found == {Path("worker/qap/compile.py")}


def test_the_one_decorator_leaves_the_lock_to_others() -> None:
    tree = ast.parse((ROOT / "worker/qap/compile.py").read_text(encoding="utf-8"))
    makers = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "njit"
    ]
    assert makers
    for maker in makers:
        given = {word.arg: ast.unparse(word.value) for word in maker.keywords}
        assert given["nogil"] == "True"


def test_no_test_sleeps() -> None:
    found = [
        f"{path}:{line}"
        for path in TESTS
        if path.name.startswith("test_")
        for line in sleeping_lines(path)
    ]
    assert found == []


def sleeping_lines(path: Path) -> Iterator[int]:
    """Yield where the file sleeps; for 0 seconds lets others have their turn."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if "sleep" not in text:
        return
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in {"time.sleep", "asyncio.sleep", "anyio.sleep"}
            and ast.unparse(node.args[0]) != "0"
        ):
            yield node.lineno


@pytest.mark.parametrize("name", LOCK_FILES)
def test_a_lock_file_names_no_place_to_download_from(name: str) -> None:
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LOCK_FILES)
def test_a_lock_file_has_hashes_for_every_pin(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert pins
    for pin in pins:
        assert re.match(r"[a-z0-9][a-z0-9._-]*(\[[a-z,-]+\])?==", pin), pin
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", pin), pin


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    answer = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False
    )
    if answer.returncode != 0:
        pytest.skip("not a git checkout: no list of files to look at")
    here = str(ROOT).encode()
    knowing = [
        name
        for name in answer.stdout.decode().split("\0")
        if name and (ROOT / name).is_file() and here in (ROOT / name).read_bytes()
    ]
    assert knowing == []
