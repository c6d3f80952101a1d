"""What is published of a run: the newest, in order, and nothing twice."""

import json
from typing import Any

import pytest
from redis import Redis

from db.backplane import Backplane
from db.contracts.errors import LeaseLostError
from db.contracts.event import MAX_INLINE_ORDER, EventType, Progress
from db.embedded_valkey import EmbeddedValkey
from db.repositories import attempts
from tests.conftest import OpenBackplane
from tests.sample_jobs import claim_new, finish
from worker import progress as module
from worker.progress import ProgressPublisher

INCUMBENT, BOUND = EventType.JOB_INCUMBENT, EventType.JOB_BOUND


class Clock:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return 1_700_000_000.0 + self.now

    def end_window(self) -> None:
        self.now += module.WINDOW_SECONDS


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


class Run:
    """A claimed job, its publisher, and what its log says."""

    def __init__(self, backplane: Backplane) -> None:
        self.backplane = backplane
        self.claim = claim_new(backplane.database)
        self.can_write = True
        self.writes = 0
        self.publisher = ProgressPublisher(
            backplane.log, self.claim, write_first=self.write
        )

    def write(self) -> bool:
        self.writes += 1
        return self.can_write

    def log(self) -> list[tuple[str, Any]]:
        """Return what was streamed: the type and the data of each event."""
        events = self.backplane.log.read(self.claim.job_id).events
        shown = [(event.type.value, json.loads(event.body)["data"]) for event in events]
        return [(type_, data) for type_, data in shown if "objective" in data]

    def types(self) -> list[str]:
        events = self.backplane.log.read(self.claim.job_id).events
        return [event.type.value.removeprefix("job.") for event in events]


@pytest.fixture
def run(clock: Clock, sqlite_backplane: Backplane) -> Run:
    return Run(sqlite_backplane)


def at(
    objective: float,
    *,
    bound: float | None = None,
    elapsed: float = 0.0,
    permutation: list[int] | None = None,
) -> Progress:
    return Progress(
        attempt=1,
        method="m",
        objective=objective,
        bound=bound,
        iterations=1,
        elapsed_s=elapsed,
        permutation=permutation,
    )


def test_improvements_within_a_window_become_the_best_of_them(
    run: Run, clock: Clock
) -> None:
    for objective in (30, 20, 10):
        run.publisher.offer(INCUMBENT, at(objective))
    assert run.log() == []
    clock.end_window()
    run.publisher.tick()
    assert [(t, d["objective"]) for t, d in run.log()] == [("job.incumbent", 10)]


def test_the_start_is_told_with_the_first_window(run: Run, clock: Clock) -> None:
    clock.end_window()
    run.publisher.tick()
    run.publisher.offer(INCUMBENT, at(10))
    clock.end_window()
    run.publisher.tick()
    assert run.types() == ["queued", "started", "incumbent"]


def test_what_was_published_is_not_published_again(run: Run) -> None:
    run.publisher.offer(INCUMBENT, at(10))
    run.publisher.flush()
    run.publisher.flush()
    assert len(run.log()) == 1


@pytest.mark.parametrize("type_", [INCUMBENT, BOUND])
def test_nothing_is_told_that_the_row_does_not_have(
    run: Run, clock: Clock, type_: EventType
) -> None:
    run.can_write = False
    run.publisher.offer(type_, at(10, bound=1))
    run.publisher.flush()
    assert run.log() == []
    run.can_write = True
    # Not at once: the database is asked again only after a while.
    clock.end_window()
    run.publisher.tick()
    assert run.log() == []
    clock.now += module.AWAY_SECONDS
    run.publisher.tick()
    assert [t for t, _ in run.log()] == [type_.value]
    assert run.writes == 2


def test_progress_alone_needs_no_writing(run: Run) -> None:
    run.publisher.offer_progress(at(10))
    run.publisher.flush()
    assert len(run.log()) == 1
    assert run.writes == 0


def test_no_objective_rises_and_no_bound_falls(run: Run) -> None:
    # The newer of a type takes the place at the end, not that of the older.
    run.publisher.offer(INCUMBENT, at(30, bound=1))
    run.publisher.offer(BOUND, at(30, bound=2))
    run.publisher.offer(INCUMBENT, at(20, bound=2))
    run.publisher.offer_progress(at(20, bound=2))
    run.publisher.flush()
    run.publisher.offer(BOUND, at(20, bound=3))
    run.publisher.offer(INCUMBENT, at(10, bound=3))
    run.publisher.offer(BOUND, at(10, bound=4))
    run.publisher.flush()
    told = [data for _, data in run.log()]
    assert [data["objective"] for data in told] == [30, 20, 10, 10]
    assert [data["bound"] for data in told] == [2, 2, 3, 4]


def test_an_incumbent_tells_all_that_a_progress_would(run: Run) -> None:
    run.publisher.offer_progress(at(10))
    run.publisher.offer(INCUMBENT, at(10))
    run.publisher.flush()
    assert [type_ for type_, _ in run.log()] == ["job.incumbent"]


def test_progress_is_told_now_and_then(run: Run, clock: Clock) -> None:
    run.publisher.offer_progress(at(10))
    run.publisher.flush()
    clock.end_window()
    run.publisher.offer_progress(at(10))
    assert len(run.log()) == 1
    clock.now += module.PROGRESS_SECONDS
    run.publisher.offer_progress(at(10))
    assert len(run.log()) == 2


def test_the_longer_a_run_the_rarer_its_progress(run: Run, clock: Clock) -> None:
    hour = 3600.0
    run.publisher.offer_progress(at(10, elapsed=hour))
    run.publisher.flush()
    clock.now += hour * module.PROGRESS_GROWTH
    run.publisher.offer_progress(at(10, elapsed=hour))
    assert len(run.log()) == 1
    clock.now += module.PROGRESS_SECONDS
    run.publisher.offer_progress(at(10, elapsed=hour))
    assert len(run.log()) == 2


def test_a_short_permutation_is_told_and_kept(run: Run) -> None:
    run.publisher.offer(INCUMBENT, at(10, permutation=[1, 0]))
    run.publisher.flush()
    ((_, data),) = run.log()
    assert data["permutation"] == [1, 0]
    kept = run.backplane.stream.incumbent(run.claim.job_id)
    assert kept is not None
    assert json.loads(kept)["permutation"] == [1, 0]


def test_a_long_permutation_is_kept_but_not_told(run: Run) -> None:
    long = list(range(MAX_INLINE_ORDER + 1))
    run.publisher.offer(INCUMBENT, at(10, permutation=long))
    run.publisher.flush()
    ((_, data),) = run.log()
    assert "permutation" not in data
    kept = run.backplane.stream.incumbent(run.claim.job_id)
    assert kept is not None
    assert json.loads(kept)["permutation"] == long


def test_who_asks_hears_how_the_run_stands_without_the_permutation(run: Run) -> None:
    run.publisher.offer(INCUMBENT, at(10, permutation=[1, 0]))
    run.publisher.flush()
    (position,) = run.backplane.stream.positions([run.claim.job_id])
    assert position.progress is not None
    assert json.loads(position.progress)["objective"] == 10
    assert "permutation" not in position.progress


def test_the_end_comes_after_what_is_held(run: Run) -> None:
    run.publisher.offer(INCUMBENT, at(10))
    run.publisher.flush(finish(run.backplane.database, run.claim))
    assert run.types() == ["queued", "started", "incumbent", "succeeded"]


def give_back(run: Run) -> attempts.Released:
    with run.backplane.database.transaction() as connection:
        return attempts.give_back(
            connection, run.claim.job_id, attempt=1, reason="worker goes"
        )


def test_an_attempt_that_lost_its_job_hears_of_it(run: Run) -> None:
    run.backplane.log.publish(give_back(run).milestones)
    run.publisher.offer(INCUMBENT, at(10))
    with pytest.raises(LeaseLostError):
        run.publisher.flush()


def test_what_it_gave_back_itself_is_not_lost(run: Run, redis: Redis) -> None:
    run.publisher.flush()
    run.publisher.offer(INCUMBENT, at(10))
    redis.flushall()
    run.publisher.flush(give_back(run).milestones[-1])
    assert run.types() == ["queued", "started", "incumbent", "queued"]


def test_that_others_told_its_end_first_is_no_fault(run: Run) -> None:
    run.publisher.flush()
    released = give_back(run)
    run.backplane.log.publish(released.milestones)
    run.publisher.offer(INCUMBENT, at(10))
    run.publisher.flush(released.milestones[-1])
    assert run.types() == ["queued", "started", "queued"]


@pytest.fixture
def fragile(
    clock: Clock,
    open_backplane: OpenBackplane,
    sqlite_url: str,
    own_valkey: EmbeddedValkey,
) -> Run:
    """Return a run whose event server may be stopped."""
    return Run(open_backplane(database_url=sqlite_url, redis_url=own_valkey.redis_url))


def test_while_redis_is_away_the_newest_is_held(
    fragile: Run, clock: Clock, own_valkey: EmbeddedValkey
) -> None:
    own_valkey.stop()
    fragile.publisher.offer(INCUMBENT, at(30))
    fragile.publisher.flush()
    fragile.publisher.offer(INCUMBENT, at(20))
    own_valkey.start()
    # Not asked again at once: a server that hangs would stop the solver each time.
    clock.end_window()
    fragile.publisher.tick()
    assert fragile.log() == []
    clock.now += module.AWAY_SECONDS
    fragile.publisher.tick()
    assert [data["objective"] for _, data in fragile.log()] == [20]
    assert fragile.types() == ["queued", "started", "incumbent"]


def test_when_redis_and_the_database_are_away_it_is_held_too(
    run: Run, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.publisher.flush()
    run.publisher.offer(INCUMBENT, at(10))
    redis.flushall()
    with monkeypatch.context() as patch:
        # A file that cannot be opened: to mend the log, its rows would be needed.
        nowhere = f"sqlite:///{run.backplane.settings.home.parent}"
        gone = type(run.backplane.database)(
            run.backplane.settings.model_copy(update={"database_url": nowhere})
        )
        patch.setattr(run.backplane.log, "_database", gone)
        run.publisher.flush()
        gone.close()
    run.publisher.flush()
    assert [data["objective"] for _, data in run.log()] == [10]
