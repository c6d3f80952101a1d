import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest

from worker.qap import compile as compiling
from worker.qap.compile import cache_directory, kernel, summing_kernel


def double(x: int) -> int:
    return 2 * x


def test_a_kernel_computes_what_its_function_does() -> None:
    assert kernel(double)(21) == 42


def test_without_numba_a_kernel_is_its_function(monkeypatch) -> None:
    monkeypatch.setattr("worker.qap.compile.find_spec", lambda name: None)
    assert kernel(double) is double


def test_where_nothing_can_be_cached_kernels_still_compile(monkeypatch) -> None:
    import numba

    def njit(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: ("compiled", function)

    monkeypatch.setattr(numba, "njit", njit)
    assert kernel(double) == ("compiled", double)
    assert importlib.util.find_spec("numba") is not None


@pytest.fixture
def core(tmp_path, monkeypatch) -> Path:
    """Return a copy of the core's sources, whose cache directory is asked for."""
    source = Path(compiling.__file__).parent
    shutil.copytree(source, tmp_path / "qap", ignore=shutil.ignore_patterns("__*"))
    monkeypatch.setattr(compiling, "_CORE", tmp_path / "qap")
    return tmp_path / "qap"


def directory(core: Path) -> Path:
    compiling._contents.cache_clear()
    found = cache_directory(core / "taboo_kernel.py")
    compiling._contents.cache_clear()
    return found


@pytest.mark.parametrize("name", ["taboo_kernel.py", "walk_kernel.py", "compile.py"])
def test_a_change_of_what_a_kernel_calls_leaves_its_code_behind(core, name) -> None:
    before = directory(core)
    with (core / name).open("a") as file:
        file.write("# changed\n")
    assert directory(core) != before
    assert before.parent == core / "__pycache__"


def test_a_change_elsewhere_does_not(core) -> None:
    before = directory(core)
    with (core / "breakout_kernel.py").open("a") as file:
        file.write("# changed\n")
    assert directory(core) == before


def test_the_setting_of_others_is_left_alone(monkeypatch) -> None:
    from numba.core import config

    monkeypatch.setattr(config, "CACHE_DIR", "/somewhere/else")
    kernel(double)
    assert config.CACHE_DIR == "/somewhere/else"


def test_a_summing_kernel_adds_all_terms() -> None:
    def total(terms) -> float:
        z = terms[0] * 0
        for term in terms:
            z += term
        return z

    assert summing_kernel(total)(np.arange(1000, dtype=np.float32)) == 499_500


def test_kernels_are_kept_where_one_may_write(core, tmp_path, monkeypatch) -> None:
    beside = cache_directory(core / "taboo_kernel.py", given=str(tmp_path / "given"))
    monkeypatch.setattr(compiling.os, "access", lambda path, mode: False)
    # As in an image, whose files nobody may change: named by content there too.
    given = cache_directory(core / "taboo_kernel.py", given=str(tmp_path / "given"))
    assert beside.parent == core / "__pycache__"
    assert given == tmp_path / "given" / beside.name
    assert cache_directory(core / "taboo_kernel.py") == beside
