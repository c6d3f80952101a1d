"""When providers are due."""

import itertools
from collections import Counter

import pytest

from schedules.provider_health.grid import next_due

AT = 1_800_000_000.0


@pytest.mark.parametrize("every_s", [1.0, 60.0, 300.0, 86_400.0])
@pytest.mark.parametrize("provider_id", ["prv_a", "prv_b", "prv_c"])
def test_each_place_of_the_grid_comes_once(provider_id: str, every_s: float) -> None:
    moments = [next_due(provider_id, every_s, AT)]
    for _ in range(200):
        moments.append(next_due(provider_id, every_s, moments[-1]))
    steps = [after - before for before, after in itertools.pairwise(moments)]
    jitter = min(0.05 * every_s, 5.0)
    assert AT < moments[0] <= AT + every_s + jitter
    assert all(every_s - jitter <= step <= every_s + jitter for step in steps)
    assert moments[-1] - moments[0] == pytest.approx(200 * every_s, abs=jitter)
    # Where it is asked from does not move the grid.
    between = (moments[10] + moments[11]) / 2
    assert next_due(provider_id, every_s, between) == moments[11]
    # And there is jitter: the steps differ.
    assert len({round(step, 3) for step in steps}) > 10


def test_a_thousand_providers_are_spread_evenly() -> None:
    due = [next_due(f"prv_{number}", 60.0, AT) for number in range(1000)]
    by_second = Counter(int(moment - AT) for moment in due)
    # 16.7 a second on average; by chance alone 40 are as good as impossible.
    assert max(by_second.values()) < 40
    assert set(range(60)) <= set(by_second)
