"""The cache of compiled kernels, in processes that start on one of their own."""

import importlib.util
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = """
from numba.core import event
import sys
import worker.qap.products
module = sys.modules["worker.qap.warm_up"]
# One of its parts: all would take half a minute.
module._load = lambda **_: worker.qap.products.warm_up_products()
with event.install_recorder("numba:compile") as compiled:
    module.warm_up()
print(len(compiled.buffer) // 2)
"""

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("numba") is None, reason="nothing is compiled"
)

Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def begin(tmp_path: Path) -> Begin:
    """Return what starts a process that warms up, in a copy of the core."""
    shutil.copytree(
        ROOT / "worker", tmp_path / "worker", ignore=shutil.ignore_patterns("__pyc*")
    )

    def start(**environment: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path), **environment},
            stdout=subprocess.PIPE,
            text=True,
        )

    return start


def compiled(process: "subprocess.Popen[str]") -> int:
    """Return how many kernels a process has compiled."""
    said, _ = process.communicate()
    assert process.returncode == 0
    return int(said)


def files(tmp_path: Path, suffix: str) -> list[Path]:
    return sorted((tmp_path / "worker").rglob(f"*{suffix}"))


def test_of_two_on_an_empty_cache_one_compiles(begin: Begin) -> None:
    first, second = begin(), begin()
    counts = sorted((compiled(first), compiled(second)))
    assert counts[0] == 0
    assert counts[1] > 0
    assert compiled(begin()) == 0


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
@pytest.mark.parametrize("left", [0, 100])
def test_a_damaged_cache_is_made_anew(
    begin: Begin, tmp_path: Path, suffix: str, left: int
) -> None:
    all_of_it = compiled(begin())
    for path in files(tmp_path, suffix):
        # As on a full disk, or after a power cut.
        path.write_bytes(path.read_bytes()[:left])
    assert compiled(begin()) == all_of_it
    assert compiled(begin()) == 0


def test_what_another_kind_of_processor_left_is_not_run(begin: Begin) -> None:
    all_of_it = compiled(begin(NUMBA_CPU_NAME="generic", NUMBA_CPU_FEATURES=""))
    assert compiled(begin()) == all_of_it
    assert compiled(begin()) == 0


def test_what_another_version_of_numba_left_is_not_run(
    begin: Begin, tmp_path: Path
) -> None:
    all_of_it = compiled(begin())
    for path in files(tmp_path, ".nbi"):
        with path.open("rb") as file:
            pickle.load(file)
            rest = file.read()
        path.write_bytes(pickle.dumps("0.1") + rest)
    assert compiled(begin()) == all_of_it


def test_a_cache_that_cannot_be_written_is_done_without(
    begin: Begin, tmp_path: Path
) -> None:
    # Of root too: nothing can be made below a file.
    (tmp_path / "worker" / "qap" / "__pycache__").write_text("no folder")
    nowhere = str(tmp_path / "worker" / "__init__.py")
    process = begin(NUMBA_CACHE_DIR=nowhere, HOME=nowhere, XDG_CACHE_HOME=nowhere)
    assert compiled(process) > 0


def test_a_fault_that_is_not_the_caches_is_told(begin: Begin, tmp_path: Path) -> None:
    assert compiled(begin()) > 0
    products = tmp_path / "worker" / "qap" / "products.py"
    text = products.read_text().replace(
        "def warm_up_products() -> None:",
        "def warm_up_products() -> None:\n    raise ZeroDivisionError\n\n\ndef _old():",
    )
    products.write_text(text)
    process = begin()
    process.communicate()
    assert process.returncode == 1
