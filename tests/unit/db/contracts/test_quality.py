import pytest

from db.contracts.quality import quality_of


@pytest.mark.parametrize(
    ("objective", "best_known", "quality"),
    [
        (200, 150, 0.75),
        (150, 150, 1.0),
        (140, 150, 1.0),
        (0, 0, 1.0),
        (7, 0, 0.0),
        (-80, -100, 0.8),
        (20, -100, 0.0),
        (20, None, None),
    ],
)
def test_the_better_the_objective_the_higher_its_quality(
    objective: float, best_known: float | None, quality: float | None
) -> None:
    assert quality_of(objective, best_known) == quality
