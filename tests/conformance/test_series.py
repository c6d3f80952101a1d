"""What every series promises, asked of each one in the registry."""

from itertools import pairwise

import pytest

from db.contracts.series import SERIES, Series, SeriesKind, Tier
from db.models import MetricPoint

LONGEST = MetricPoint.__table__.c.series.type.length


@pytest.mark.parametrize(("name", "series"), SERIES.items(), ids=SERIES)
def test_a_series_says_what_it_is_of(name: str, series: Series) -> None:
    assert len(name) <= LONGEST
    assert series.help.endswith(".")
    assert bool(series.of) == (series.kind is SeriesKind.RATIO)
    assert {SERIES[each].kind for each in series.of} <= {SeriesKind.COUNTER}


def test_periods_are_made_of_whole_ones() -> None:
    lengths = [tier.seconds for tier in Tier]
    assert all(longer % shorter == 0 for shorter, longer in pairwise(lengths))
