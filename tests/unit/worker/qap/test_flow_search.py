import numpy as np
import pytest

from tests.unit.worker.qap.kinds import random_instance
from worker.qap import METHODS
from worker.qap.flow_search import FlowSearch

METHODS_THAT_FLOW = ("fft_laplace", "reverse_time")


@pytest.mark.parametrize("name", METHODS_THAT_FLOW)
def test_a_large_one_can_be_asked_to_stop_before_its_flow_is_made(name: str) -> None:
    instance = random_instance("symmetric", 256, seed=1)
    search = METHODS[name].start(instance, np.random.default_rng(1))
    assert isinstance(search, FlowSearch)
    made = []
    for _ in range(4):
        made.append("flow" in vars(search))
        assert search.advance(1) == 0
    assert made == [False, False, False, True]


@pytest.mark.parametrize("name", METHODS_THAT_FLOW)
def test_a_small_one_does_not_stand_still(name: str) -> None:
    instance = random_instance("symmetric", 4, seed=1)
    search = METHODS[name].start(instance, np.random.default_rng(1))
    assert isinstance(search, FlowSearch)
    search.advance(1)
    assert "flow" in vars(search)
