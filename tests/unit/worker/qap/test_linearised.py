from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import certified, instances
from worker.qap import Instance
from worker.qap.linearised import linearised, why_not_linearised


@given(instances(max_order=8), st.integers(0, 99))
def test_the_costs_sum_up_to_the_objective_or_a_little_less(instance, seed) -> None:
    costs = linearised(instance)
    p = np.random.default_rng(seed).permutation(instance.order)
    total = costs.base + sum(int(costs.placements[i, k]) for i, k in enumerate(p))
    for t, (i, j) in enumerate(combinations(range(instance.order), 2)):
        total += int(costs.pairs[t, p[i], p[j]])
    wanted = certified(instance, p) * costs.scale
    if instance.is_exact:
        assert total == wanted
    else:
        assert wanted - 3 * instance.order**2 <= total <= wanted


@given(instances(max_order=8))
def test_no_cost_is_negative_or_forbidden(instance) -> None:
    costs = linearised(instance)
    assert costs.placements.min() >= 0
    apart = ~np.eye(instance.order, dtype=np.bool_)
    assert (costs.pairs[:, apart] >= 0).all()
    assert (costs.pairs[:, apart] < costs.forbidden // 4).all()
    assert (costs.pairs[:, ~apart] == costs.forbidden).all()


def test_integers_that_do_not_fit_are_refused() -> None:
    large = [[0, 2**40], [2**40, 0]]
    assert why_not_linearised(Instance(large, [[0, 1], [1, 0]])) is None
    assert why_not_linearised(Instance(large, [[0, 2**20], [1, 0]])) is not None
