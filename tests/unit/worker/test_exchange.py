"""What an island tells the others and hears from them, whatever they do meanwhile."""

from collections.abc import Callable, Sequence

import pytest

from db.contracts.errors import StreamUnavailableError
from db.contracts.event import EventType, Progress
from worker.exchange import AWAY_SECONDS, HEAR_SECONDS, Exchange
from worker.progress import WINDOW_SECONDS
from worker.team import Heard, News


class Log:
    """A log in memory that refuses what is worse, as the real one does."""

    def __init__(self) -> None:
        self.told: list[News] = []
        self.incumbent: Progress | None = None
        self.latest: Progress | None = None
        self.is_away = False
        self.is_turn = False
        self.in_between: Callable[[], object] = lambda: None
        """What happens after an island has heard and before it tells."""

    def hear(self) -> Heard:
        if self.is_away:
            raise StreamUnavailableError
        heard = Heard(self.incumbent, self.latest)
        happens, self.in_between = self.in_between, lambda: None
        happens()
        return heard

    def tell(self, news: Sequence[News]) -> bool:
        return all(self._append(*each) for each in news)

    def _append(self, type_: EventType, progress: Progress) -> bool:
        if self.latest is not None and _is_worse(type_, progress, self.latest):
            return False
        self.told.append((type_, progress))
        if progress.permutation is not None:
            self.incumbent = progress
        self.latest = progress.model_copy(update={"permutation": None})
        return True

    def take_turn(self, seconds: float) -> bool:
        return self.is_turn

    def told_of(self, type_: EventType) -> list[Progress]:
        return [progress for each, progress in self.told if each is type_]


def _is_worse(type_: EventType, new: Progress, old: Progress) -> bool:
    assert new.objective is not None
    assert old.objective is not None
    rises = new.objective - old.objective
    if rises > 0 or (type_ is EventType.JOB_INCUMBENT and rises == 0):
        return True
    if old.bound is None:
        return False
    return new.bound is None or (
        new.bound < old.bound
        or (type_ is EventType.JOB_BOUND and new.bound == old.bound)
    )


def held(objective: int, *, bound: int | None = None, island: int = 0) -> Progress:
    return Progress(
        attempt=3,
        method="memetic",
        objective=objective,
        bound=bound,
        bound_name=None if bound is None else "gilmore_lawler",
        iterations=10,
        elapsed_s=1.0,
        permutation=[1, 0],
        island=island,
    )


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def now() -> list[float]:
    return [100.0]


def exchange(log: Log, now: list[float] | None = None, island: int = 0) -> Exchange:
    clock = (lambda: now[0]) if now else (lambda: 0.0)
    return Exchange(log, island=island, method=f"m{island}", clock=clock)  # type: ignore[arg-type]


def test_what_is_better_is_told_and_not_heard_back(log: Log) -> None:
    assert exchange(log).meet(held(9)) is None
    (told,) = log.told_of(EventType.JOB_INCUMBENT)
    assert (told.objective, told.island, told.attempt) == (9, 0, 1)
    assert told.permutation == [1, 0]


def test_what_others_hold_is_heard_if_it_is_better(log: Log) -> None:
    exchange(log).meet(held(9))
    heard = exchange(log, island=1).meet(held(12, island=1))
    assert heard is not None
    assert (heard.objective, heard.island, heard.permutation) == (9, 0, [1, 0])
    assert exchange(log, island=1).meet(held(9, island=1)) is None
    assert len(log.told) == 1


def test_what_is_told_again_is_still_by_its_finder(log: Log) -> None:
    exchange(log, island=1).meet(held(9, island=0))
    assert log.told_of(EventType.JOB_INCUMBENT)[0].island == 0


def test_a_bound_is_told_with_the_objective_of_all(log: Log) -> None:
    exchange(log).meet(held(9))
    exchange(log, island=1).meet(held(12, bound=6, island=1))
    (told,) = log.told_of(EventType.JOB_BOUND)
    assert (told.objective, told.bound, told.island) == (9, 6, 1)
    assert told.bound_name == "gilmore_lawler"
    assert told.gap_to_bound == pytest.approx(1 / 3)
    assert told.permutation is None


def test_an_incumbent_keeps_the_bound_of_all(log: Log) -> None:
    exchange(log, island=1).meet(held(12, bound=6, island=1))
    exchange(log).meet(held(9, bound=4))
    told = log.told_of(EventType.JOB_INCUMBENT)[-1]
    assert (told.objective, told.bound) == (9, 6)
    assert log.told_of(EventType.JOB_BOUND)[-1].bound == 6


def test_who_is_overtaken_hears_again_before_it_tells(log: Log) -> None:
    log.in_between = lambda: exchange(log, island=1).meet(held(5, island=1))
    heard = exchange(log).meet(held(9, bound=3))
    assert heard is not None
    assert (heard.objective, heard.island) == (5, 1)
    objectives = [progress.objective for _, progress in log.told]
    assert objectives == [5, 5]
    assert log.latest is not None
    assert log.latest.bound == 3


def test_what_the_log_has_lost_is_told_again(log: Log) -> None:
    exchange(log).meet(held(9))
    log.incumbent = log.latest = None
    exchange(log, island=1).meet(held(9, island=0))
    assert [each.objective for each in log.told_of(EventType.JOB_INCUMBENT)] == [9, 9]


def test_without_news_one_of_all_tells_how_they_stand(log: Log) -> None:
    exchange(log).meet(held(9, bound=6))
    log.is_turn = True
    exchange(log, island=1).meet(held(12, island=1))
    (told,) = log.told_of(EventType.JOB_PROGRESS)
    assert (told.objective, told.bound, told.island, told.method) == (9, 6, 1, "m1")


def test_while_redis_is_away_an_island_goes_on_alone(
    log: Log, now: list[float]
) -> None:
    alone = exchange(log, now)
    log.is_away = True
    assert alone.meet(held(9)) is None
    now[0] += AWAY_SECONDS * 0.9
    assert not alone.is_due
    now[0] += AWAY_SECONDS * 0.2
    assert alone.is_due
    log.is_away = False
    alone.meet(held(9))
    assert len(log.told) == 1


def test_islands_meet_now_and_then_and_soon_when_one_has_news(
    log: Log, now: list[float]
) -> None:
    island = exchange(log, now)
    assert island.is_due
    island.meet(held(9))
    now[0] += HEAR_SECONDS / 2
    assert not island.is_due
    island.has_news()
    assert not island.is_due
    now[0] += WINDOW_SECONDS
    assert island.is_due
    island.meet(held(8))
    assert not island.is_due
    island.hurry()
    assert island.is_due
