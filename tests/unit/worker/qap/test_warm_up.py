import threading

import numpy as np
import pytest

from tests.unit.worker.qap.kinds import KINDS, random_instance
from worker.qap import METHODS, IterationLimit, solve, swap_delta, warm_up
from worker.qap.ant_kernel import construct
from worker.qap.augmenting import _augment
from worker.qap.delta import _swap_delta
from worker.qap.polished import placed_objective
from worker.qap.products import _multiply_rows
from worker.qap.swap_kernel import descend, swap_path
from worker.qap.swarm_kernel import difference, move
from worker.qap.taboo_kernel import fill_deltas, fill_free, run_taboo

KERNELS = [
    _augment,
    _multiply_rows,
    _swap_delta,
    construct,
    descend,
    difference,
    fill_deltas,
    fill_free,
    move,
    placed_objective,
    run_taboo,
    swap_path,
]


def signatures() -> list[list]:
    return [list(kernel.signatures) for kernel in KERNELS]


@pytest.mark.skipif(not hasattr(run_taboo, "signatures"), reason="not compiled")
def test_after_warming_up_no_run_compiles_anything() -> None:
    warm_up()
    before = signatures()
    for kind in KINDS:
        instance = random_instance(kind, 8, seed=1)
        for method in METHODS.values():
            if method.supports(instance) is None:
                rng = np.random.default_rng(1)
                solve(instance, method.name, stop=IterationLimit(99), rng=rng)
        swap_delta(instance, np.arange(8), 1, 2)
    assert signatures() == before


def test_warming_up_starts_no_thread() -> None:
    before = threading.active_count()
    warm_up()
    assert threading.active_count() == before
