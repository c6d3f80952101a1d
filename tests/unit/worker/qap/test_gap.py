import math

import pytest

from worker.qap.gap import gap_to_best_known, gap_to_bound, meets_bound


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [(200, 150, 0.25), (0, 0, 0), (-100, -150, 0.5), (0, -1, math.inf), (7, 7, 0)],
)
def test_the_gap_to_the_bound_is_a_share_of_the_objective(
    objective, bound, gap
) -> None:
    assert gap_to_bound(objective, bound) == gap


@pytest.mark.parametrize(
    ("objective", "best_known", "gap"),
    [(150, 100, 0.5), (0, 0, 0), (90, 100, -0.1), (2, 0, math.inf), (-90, -100, 0.1)],
)
def test_the_gap_to_the_best_known_is_a_share_of_the_best_known(
    objective, best_known, gap
) -> None:
    assert gap_to_best_known(objective, best_known) == gap


@pytest.mark.parametrize(
    ("objective", "bound", "is_exact", "met"),
    [
        (8, None, True, False),
        (8, 8, True, True),
        (8, 7, True, False),
        (8, 7.01, True, True),
        (8, 7.0, True, False),
        (8, 7.0 + 1e-12, True, False),
        (2**60, 2**60 - 1, True, False),
        (8.5, 8.0, False, False),
        (8.5, 8.5 * (1 - 1e-12), False, True),
        (0.0, 0.0, False, True),
    ],
)
def test_a_bound_is_met_when_nothing_can_lie_between(
    objective, bound, is_exact, met
) -> None:
    assert meets_bound(objective, bound, is_exact=is_exact) is met
