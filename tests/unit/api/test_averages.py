"""What is told of methods before there is a history, and after."""

import pytest

from api.averages import ENOUGH_RUNS, KnownAverage, MethodAverages, blend
from db.contracts.averages import Average, shipped_averages
from db.contracts.errors import DatabaseUnavailableError
from db.repositories.history import MethodRecord

SHIPPED = Average(avg_quality=0.9, avg_runtime_ms=5.0, runs=24)
MEASURED = KnownAverage(quality=0.9, runtime_ms=5.0, source="measured", runs=24)


def record(**changes: object) -> MethodRecord:
    told = {
        "method": "tabu_search",
        "finished": ENOUGH_RUNS,
        "succeeded": ENOUGH_RUNS,
        "mean_quality": 0.75,
        "mean_elapsed_s": 0.25,
        **changes,
    }
    return MethodRecord(**told)  # type: ignore[arg-type]


def test_history_is_told_once_it_has_enough_runs() -> None:
    assert blend(SHIPPED, record()) == KnownAverage(0.75, 250.0, "history", ENOUGH_RUNS)


@pytest.mark.parametrize(
    "known",
    [
        None,
        record(succeeded=ENOUGH_RUNS - 1),
        record(mean_elapsed_s=None),
    ],
)
def test_until_then_it_is_what_was_measured(known: MethodRecord | None) -> None:
    assert blend(SHIPPED, known) == MEASURED


def test_without_best_known_objectives_only_the_time_is_of_history() -> None:
    told = blend(SHIPPED, record(mean_quality=None))
    assert (told.quality, told.runtime_ms) == (0.9, 250.0)


def test_no_average_takes_no_time() -> None:
    assert blend(SHIPPED, record(mean_elapsed_s=0.0)).runtime_ms > 0


def test_without_a_database_it_is_what_was_measured() -> None:
    def away() -> None:
        raise DatabaseUnavailableError

    averages = MethodAverages(away)  # type: ignore[arg-type]
    shipped = shipped_averages().methods["tabu_search"]
    assert averages.of("tabu_search").quality == shipped.avg_quality


def test_nobody_waits_for_one_who_looks() -> None:
    looks = []

    def slow() -> None:
        # Asked again meanwhile, as another thread would.
        looks.append(averages.of("tabu_search"))
        raise DatabaseUnavailableError

    averages = MethodAverages(slow)  # type: ignore[arg-type]
    assert averages.of("tabu_search") == looks[0]
    assert averages.of("tabu_search") == looks[0]
    assert len(looks) == 1
