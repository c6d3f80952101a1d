"""The simulated source tells what the statement says."""

import re
from pathlib import Path

import pytest

from db.contracts.market import CORRELATION, MODEL, MarketField
from schedules.market.simulation import Simulation, stated

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "market.md"
ROW = (
    r"\| `(\w+)` \| (-?[\d.]+) to ([\d.]+) \| ([\d.]+) \| ([\d.]+) "
    r"\| ([\d.]+) (h|min) \| ([\d.]+) \| ([\d.]+) \|"
)
STATED = stated()


def test_what_is_told_is_labelled_and_inside_the_stated_bounds() -> None:
    source = Simulation(seed=1)
    assert (source.label, source.is_simulated) == ("simulated", True)
    for number in range(179_000_000, 179_000_005):
        values = source.read(number, None).values
        for field, wanted in MODEL.items():
            value = values.of(field)
            assert value is not None
            assert wanted.low <= value <= wanted.high
            assert value == pytest.approx(round(value, 6), abs=0)


def test_the_page_states_what_the_model_does() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("\N{MINUS SIGN}", "-")
    found = re.findall(ROW, text)
    assert [row[0] for row in found] == list(MarketField)
    mean, deviation = STATED.moments()
    for row, (wanted, m, d) in zip(
        found, zip(MODEL.values(), mean, deviation, strict=True), strict=True
    ):
        low, high, middle, spread, amount, unit, told_mean, told_deviation = row[1:]
        assert [float(n) for n in (low, high, middle, spread)] == [
            wanted.low,
            wanted.high,
            wanted.middle,
            wanted.spread,
        ]
        assert float(amount) * {"h": 3600, "min": 60}[unit] == wanted.half_life_s
        assert float(told_mean) == pytest.approx(m, rel=5e-4)
        assert float(told_deviation) == pytest.approx(d, rel=0.05)
    rows = re.findall(r"^\| `\w+` ((?:\| -?[\d.]+ ){5})\|$", text, re.MULTILINE)
    correlation = [tuple(float(n) for n in row.strip("| ").split("|")) for row in rows]
    assert tuple(correlation) == CORRELATION


def test_one_seed_tells_one_path() -> None:
    number = 179_000_000
    first = Simulation(seed=1).read(number, None).values
    assert Simulation(seed=2).read(number, None).values != first
    assert Simulation(seed=1).read(number, None).values == first
    assert set(first.model_dump()) == set(MarketField)
