import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import KINDS, certified, instances
from worker.qap import Instance
from worker.qap.integrality import Integrality, integrality
from worker.qap.qaplib import best_known, load, names

EXACT = tuple(kind for kind in KINDS if "float" not in kind)


def objectives(instance: Instance) -> list[int]:
    every = permutations(range(instance.order))
    return sorted({certified(instance, np.array(p)) for p in every})


@given(instances(max_order=5, kinds=EXACT), st.integers(1, 6), st.integers(1, 6))
def test_every_objective_is_possible(instance: Instance, g: int, h: int) -> None:
    linear = None if instance.linear is None else instance.linear * g * h
    coarse = Instance(instance.flow * g + 1, instance.distance * h - 2, linear)
    for each in (instance, coarse):
        found = integrality(each)
        for objective in objectives(each):
            assert found.round_up(objective) == objective


@given(instances(max_order=5, kinds=EXACT))
def test_no_objective_lies_between_a_number_and_what_it_is_rounded_to(
    instance: Instance,
) -> None:
    found, possible = integrality(instance), objectives(instance)
    for number in (possible[0] - 7, possible[0] - 0.5, possible[0], possible[-1] - 1):
        rounded = found.round_up(number)
        assert rounded >= number or found.step == 0
        assert not any(number <= objective < rounded for objective in possible)


def test_common_factors_and_symmetry_make_the_step_longer() -> None:
    rng = np.random.default_rng(1)
    upper = np.triu(rng.integers(0, 9, (2, 6, 6)), 1)
    flow, distance = upper + upper.transpose(0, 2, 1)
    assert integrality(Instance(upper[0], upper[1])).step == 1
    assert integrality(Instance(flow, upper[1])).step == 1
    assert integrality(Instance(flow, distance)).step == 2
    assert integrality(Instance(3 * flow, 5 * distance)).step == 30
    assert integrality(Instance(3 * flow + 1, 5 * distance + 2)).step == 30


def test_the_linear_cost_has_its_say() -> None:
    pairs = np.array([[0, 6, 12], [6, 0, 6], [12, 6, 0]])
    costs = np.array([[0, 8, 16], [4, 12, 20], [0, 8, 40]])
    assert integrality(Instance(pairs, pairs)).step == 72
    # 40 - 0 - 16 + 0 is 24; the other three of these are 0.
    assert integrality(Instance(pairs, pairs, costs)).step == 24


def test_where_all_permutations_cost_the_same_that_is_known() -> None:
    flow = np.full((4, 4), 3)
    instance = Instance(flow, np.arange(16).reshape(4, 4))
    (objective,) = objectives(instance)
    assert integrality(instance) == Integrality(objective, 0)
    assert integrality(instance).round_up(-math.inf) == objective


@pytest.mark.parametrize("name", names())
def test_every_best_known_objective_of_the_library_is_possible(name: str) -> None:
    best = best_known(name).value
    assert integrality(load(name)).round_up(best) == best


def test_numbers_too_large_to_look_into_get_the_step_one() -> None:
    huge = np.zeros((2, 2), dtype=np.int64)
    huge[0, 1] = 2**62
    instance = Instance(huge, [[0, 0], [1, 0]])
    assert integrality(instance) == Integrality(0, 1)


def test_an_instance_with_fractions_has_none() -> None:
    with pytest.raises(ValueError, match="fractions"):
        integrality(Instance([[0, 0.5], [1, 0]], [[0, 1], [1, 0]]))
