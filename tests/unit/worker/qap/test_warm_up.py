import importlib
import pkgutil
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.unit.worker.qap.kinds import KINDS, random_instance
from worker import qap
from worker.qap import METHODS, IterationLimit, solve, swap_delta, warm_up
from worker.qap.taboo_kernel import run_taboo

ENDS = 40


def kernels() -> Iterator[tuple[str, Any]]:
    """Yield every compiled function of the core, but those of its benchmark."""
    for module in pkgutil.walk_packages(qap.__path__, "worker.qap."):
        if ".benchmark" in module.name or module.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if hasattr(value, "signatures") and hasattr(value, "py_func"):
                yield f"{value.py_func.__module__}.{value.__name__}", value


def signatures() -> dict[str, list[Any]]:
    return {name: list(value.signatures) for name, value in kernels()}


@pytest.mark.skipif(not hasattr(run_taboo, "signatures"), reason="not compiled")
@pytest.mark.parametrize("method", METHODS)
def test_after_warming_up_no_run_compiles_anything(method: str) -> None:
    warm_up()
    before = signatures()
    for kind in KINDS:
        instance = random_instance(kind, 8, seed=1)
        if METHODS[method].supports(instance) is None:
            rng = np.random.default_rng(1)
            solve(instance, method, stop=IterationLimit(ENDS), rng=rng)
        swap_delta(instance, np.arange(8), 1, 2)
    assert signatures() == before


def test_warming_up_starts_no_thread() -> None:
    before = threading.active_count()
    warm_up()
    assert threading.active_count() == before
