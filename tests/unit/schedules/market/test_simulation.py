"""The simulated source tells what the statement says."""

import pytest

from db.contracts.market import MODEL, MarketField
from schedules.market.simulation import Simulation


def test_what_is_told_is_labelled_and_inside_the_stated_bounds() -> None:
    source = Simulation(seed=1)
    assert (source.label, source.is_simulated) == ("simulated", True)
    for number in range(179_000_000, 179_000_005):
        values = source.read(number, None).values
        for field, stated in MODEL.items():
            value = values.of(field)
            assert value is not None
            assert stated.low <= value <= stated.high
            assert value == pytest.approx(round(value, 6), abs=0)


def test_one_seed_tells_one_path() -> None:
    number = 179_000_000
    first = Simulation(seed=1).read(number, None).values
    assert Simulation(seed=2).read(number, None).values != first
    assert Simulation(seed=1).read(number, None).values == first
    assert set(first.model_dump()) == set(MarketField)
