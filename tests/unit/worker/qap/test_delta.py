import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import certified, instances
from worker.qap import Instance, swap_delta


@given(instances(), st.data())
def test_the_delta_is_the_difference_of_the_objectives(instance, data) -> None:
    places = st.integers(0, instance.order - 1)
    r, s = data.draw(places), data.draw(places)
    seed = data.draw(st.integers(0, 999))
    before = np.random.default_rng(seed).permutation(instance.order)
    after = before.copy()
    after[r], after[s] = before[s], before[r]
    difference = certified(instance, after) - certified(instance, before)
    found = swap_delta(instance, before, r, s)
    if instance.is_exact:
        assert found == difference
    else:
        assert found == pytest.approx(difference, abs=1e-12 * instance.magnitude)


def test_the_delta_of_an_exact_instance_is_an_int() -> None:
    instance = Instance.from_costs([[4, 1], [2, 3]])
    assert type(swap_delta(instance, np.array([0, 1]), 0, 1)) is int
    assert swap_delta(instance, np.array([0, 1]), 0, 1) == -4
