"""The layout rules of docs/style.md, as tests."""

import ast
import re
import subprocess
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
LOCK_FILES = ("requirements.txt", "requirements-dev.txt")
# Settings is the only reader; these three tell others what to read.
MAY_TOUCH_THE_ENVIRONMENT = {
    Path("db/contracts/settings.py"),
    Path("db/contracts/provider_settings.py"),
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


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=str)
def test_a_file_fits_on_a_few_screens(path: Path) -> None:
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MAX_LINES


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=str)
def test_a_name_says_what_is_inside(path: Path) -> None:
    stem = path.stem.removeprefix("test_")
    assert VAGUE.isdisjoint({*path.parts[:-1], stem})


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


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_only_settings_read_the_environment(path: Path) -> None:
    readers = {"os.environ", "os.environb", "os.getenv"} & names_used(path)
    assert not readers or path in MAY_TOUCH_THE_ENVIRONMENT


@pytest.mark.parametrize("path", python_files("worker/qap"), ids=str)
def test_every_kernel_is_made_by_the_one_decorator(path: Path) -> None:
    numba = {name for name in names_used(path) if name.split(".")[0] == "numba"}
    assert not numba or path == Path("worker/qap/compile.py")


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


@pytest.mark.parametrize(
    "path", [path for path in TESTS if path.name.startswith("test_")], ids=str
)
def test_no_test_sleeps(path: Path) -> None:
    sleeps = {"time.sleep", "asyncio.sleep", "anyio.sleep"}
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    # Sleeping for 0 seconds lets others of the event loop have their turn.
    found = [
        f"line {call.lineno}"
        for call in calls
        if ast.unparse(call.func) in sleeps and ast.unparse(call.args[0]) != "0"
    ]
    assert found == []


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
