"""What has been kept long enough is let go, in small steps."""

from collections.abc import Sequence

import pytest
from sqlalchemy import func, select, update

from db import scheduling
from db.backplane import Backplane
from db.contracts.delivery import DeliveryState
from db.contracts.identifier import new_id
from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS
from db.contracts.threshold import Watched
from db.embedded_valkey import EmbeddedValkey
from db.models import (
    Endpoint,
    Event,
    IdempotencyKey,
    Job,
    LiveCalculation,
    Record,
    ScheduleRun,
    Share,
)
from db.repositories import (
    idempotency,
    jobs,
    kept,
    live_calculations,
    logs,
    provider_statistics,
    thresholds,
    turns,
)
from db.repositories.events import milestones_of
from db.repositories.idempotency import NewKey
from db.repositories.live_calculations import NewLive
from schedules import retention
from tests import sample_schedules, sample_thresholds
from tests.conftest import OpenBackplane
from tests.recorded_checks import add_provider, record_check
from tests.sample_jobs import claim_new, finish, row, set_row, submit
from tests.sample_webhooks import DONE, must_take, own_endpoint, record

CERTIFICATE = '{"kept": true}'


@pytest.fixture
def backplane(open_backplane: OpenBackplane, database_url: str) -> Backplane:
    # No server: what is let go is a matter of rows alone.
    return open_backplane(
        database_url=database_url,
        retention_days="1,batch=3",
        record_retention_days="10,benchmark=20",
    )


def end(
    backplane: Backplane, *, days_ago: float, archived: bool = True, **columns: object
) -> str:
    """Return a job that ended so long ago, with its log in the archive."""
    claimed = claim_new(backplane.database)
    finish(backplane.database, claimed)
    if archived:
        with backplane.database.transaction() as connection:
            log = logs.EndedLog(
                job_id=claimed.job_id, epoch="e", last_sequence=3, lines=b"lines"
            )
            logs.put_logs(connection, [log])
    with backplane.database.reading() as connection:
        moment = jobs.database_time(connection) - days_ago * 86_400.0
    set_row(
        backplane.database,
        claimed.job_id,
        finished_at=moment,
        certificate=CERTIFICATE,
        **columns,
    )
    return claimed.job_id


def family(
    backplane: Backplane, *, days_ago: float, children: int = 3, kind: str = "batch"
) -> tuple[str, list[str]]:
    """Return a family that ended so long ago; its children ended long before."""
    parent = end(backplane, days_ago=days_ago, kind=kind, children=children)
    return parent, [
        end(backplane, days_ago=days_ago + 5, parent_id=parent, position=position)
        for position in range(children)
    ]


def removed(backplane: Backplane, job_ids: Sequence[str]) -> list[bool]:
    found = [row(backplane.database, job_id) for job_id in job_ids]
    return [job.result_removed_at is not None for job in found]


def left(backplane: Backplane, table: type[Record] = Job) -> int:
    with backplane.database.reading() as connection:
        query = select(func.count()).select_from(table)
        return connection.execute(query).scalar_one()


def test_a_result_goes_and_the_small_record_stays(backplane: Backplane) -> None:
    old = end(backplane, days_ago=1.1)
    young = end(backplane, days_ago=0.9)
    waiting = submit(backplane.database)
    retention.forget(backplane)
    retention.forget(backplane)
    assert removed(backplane, [old, young, waiting]) == [True, False, False]
    kept_of_it = row(backplane.database, old)
    assert (kept_of_it.result, kept_of_it.checkpoint) == (None, None)
    assert kept_of_it.certificate == CERTIFICATE
    assert kept_of_it.state == JobState.SUCCEEDED
    assert row(backplane.database, young).result is not None
    with backplane.database.reading() as connection:
        assert milestones_of(connection, [old]) == []
        assert logs.get_log(connection, old) is None
        assert len(milestones_of(connection, [young])) == 3
        assert logs.get_log(connection, young) is not None


def test_the_record_goes_later(backplane: Backplane) -> None:
    end(backplane, days_ago=10.1)
    kept_one = end(backplane, days_ago=9.9)
    retention.forget(backplane)
    assert left(backplane) == 1
    assert removed(backplane, [kept_one]) == [True]


def test_each_kind_has_days_of_its_own(backplane: Backplane) -> None:
    young, _ = family(backplane, days_ago=2.0)
    old, _ = family(backplane, days_ago=4.0)
    benchmark, runs = family(backplane, days_ago=15.0, kind="benchmark")
    retention.forget(backplane)
    assert removed(backplane, [young, old, benchmark, *runs]) == [
        False,
        True,
        True,
        True,
        True,
        True,
    ]
    assert left(backplane) == 12


def test_a_record_is_kept_no_shorter_than_its_result(
    open_backplane: OpenBackplane, sqlite_url: str
) -> None:
    backplane = open_backplane(
        database_url=sqlite_url, retention_days=30.0, record_retention_days=1.0
    )
    whole = end(backplane, days_ago=20.0)
    end(backplane, days_ago=31.0)
    retention.forget(backplane)
    assert left(backplane) == 1
    assert removed(backplane, [whole]) == [False]


def test_children_go_with_their_parent_and_not_before(backplane: Backplane) -> None:
    parent, children = family(backplane, days_ago=2.9)
    retention.forget(backplane)
    assert removed(backplane, [parent, *children]) == [False] * 4
    parent, children = family(backplane, days_ago=3.1)
    retention.forget(backplane)
    assert removed(backplane, [parent, *children]) == [True] * 4
    assert left(backplane) == 8
    family(backplane, days_ago=10.1)
    retention.forget(backplane)
    assert left(backplane) == 8


def test_a_parent_keeps_its_result_while_a_child_must(backplane: Backplane) -> None:
    parent, children = family(backplane, days_ago=4.0)
    set_row(backplane.database, children[1], archived=False)
    retention.forget(backplane)
    assert removed(backplane, [parent, *children]) == [False, True, False, True]
    set_row(backplane.database, children[1], archived=True)
    retention.forget(backplane)
    assert removed(backplane, [parent, *children]) == [True] * 4


def test_many_go_in_small_steps_and_none_that_is_stuck_stops_them(
    backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PORTION", 2)
    stuck, children = family(backplane, days_ago=30.0)
    set_row(backplane.database, children[0], archived=False)
    leader = end(backplane, days_ago=29.0)
    follower = submit(backplane.database, held=True, follows=leader)
    for _ in range(5):
        end(backplane, days_ago=11.0)
        end(backplane, days_ago=2.0)
    family(backplane, days_ago=12.0, children=5)
    retention.forget(backplane)
    # Nothing of the stuck family hinders its deletion; the leader is still needed.
    with backplane.database.reading() as connection:
        assert jobs.find_job(connection, stuck) is None
        assert jobs.find_job(connection, leader) is not None
        assert jobs.find_job(connection, follower) is not None
        query = select(func.count()).where(Job.result_removed_at.is_not(None))
        assert connection.execute(query).scalar_one() == 5
    assert left(backplane) == 7


def test_a_family_waits_for_a_child_that_others_follow(backplane: Backplane) -> None:
    parent, children = family(backplane, days_ago=30.0)
    follower = submit(backplane.database, held=True, follows=children[1])
    retention.forget(backplane)
    with backplane.database.reading() as connection:
        assert jobs.find_job(connection, parent) is not None
        assert kept.children_of(connection, parent, limit=9) == [children[1]]
    set_row(backplane.database, follower, follows=None)
    retention.forget(backplane)
    assert left(backplane) == 1


def test_what_a_webhook_is_still_owed_is_kept(backplane: Backplane) -> None:
    claimed = claim_new(backplane.database)
    own_endpoint(backplane.database, claimed.job_id)
    (delivery,) = finish(backplane.database, claimed).delivery_ids
    set_row(backplane.database, claimed.job_id, finished_at=1.0, archived=True)
    retention.forget(backplane)
    assert removed(backplane, [claimed.job_id]) == [False]
    assert left(backplane, Event) == 3
    taken = must_take(backplane.database, delivery)
    record(backplane.database, taken, state=DeliveryState.DELIVERED, outcome=DONE)
    retention.forget(backplane)
    assert left(backplane) == 0
    assert left(backplane, Endpoint) == 0


def test_keys_are_forgotten_after_a_day(backplane: Backplane) -> None:
    job_id = submit(backplane.database)
    for name in ("old", "young"):
        key = NewKey(caller="a", key=name, fingerprint="f", answer_seconds=1.0)
        with backplane.database.transaction() as connection:
            idempotency.put_key(connection, key, job_id)
    with backplane.database.transaction() as connection:
        connection.execute(
            IdempotencyKey.__table__.update()
            .where(IdempotencyKey.key == "old")
            .values(created_at=IdempotencyKey.created_at - 86_401.0)
        )
    retention.forget(backplane)
    with backplane.database.reading() as connection:
        assert idempotency.find_key(connection, "a", "old") is None
        assert idempotency.find_key(connection, "a", "young") is not None


def test_the_shares_of_absent_callers_are_forgotten(backplane: Backplane) -> None:
    with backplane.database.transaction() as connection:
        for caller in ("absent", "waiting"):
            turns.enter_queue(connection, "interactive", caller)
    submit(backplane.database, caller="waiting")
    retention.forget(backplane)
    with backplane.database.reading() as connection:
        assert connection.execute(select(Share.caller)).scalars().all() == ["waiting"]


def test_every_kind_is_looked_at(
    backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    find = kept.due_for_removal

    def noted(connection, kind, **more):  # type: ignore[no-untyped-def]
        asked.add(kind)
        return find(connection, kind, **more)

    monkeypatch.setattr(kept, "due_for_removal", noted)
    retention.forget(backplane)
    assert asked == set(KINDS)


def test_what_came_of_old_due_times_is_let_go_in_small_steps(
    backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PORTION", 2)
    database = backplane.database
    schedule = sample_schedules.add(database)
    for ago in range(6, 0, -1):
        due_at = sample_schedules.make_due(database, schedule.id, seconds_ago=ago)
        with database.transaction() as connection:
            scheduling.take_step(connection, schedule.id, due_at)
    old = sample_schedules.moment(database) - 1.1 * 86_400.0
    with database.transaction() as connection:
        connection.execute(
            update(ScheduleRun).where(ScheduleRun.number <= 5).values(recorded_at=old)
        )
    retention.forget_old_runs(backplane)
    (foundone,) = sample_schedules.runs(database, schedule.id)
    assert foundone.number == 6


def test_a_threshold_goes_with_the_live_calculation_that_it_watched(
    backplane: Backplane,
) -> None:
    with backplane.database.transaction() as connection:
        made = [
            live_calculations.add(
                connection,
                NewLive(
                    id=new_id("live"),
                    caller="key:alice",
                    calculation="npv",
                    parameters="{}",
                    bindings="{}",
                    value_at=None,
                    min_change=0.0,
                ),
                expires_s=3600.0,
                limit=9,
            )
            for _ in range(2)
        ]
    still_there, _ = (
        sample_thresholds.add(
            backplane.database, watched=Watched(f"calculation:{each.id}", "/npv")
        )
        for each in made
    )
    market = sample_thresholds.add(backplane.database)
    long_ago = update(LiveCalculation).where(LiveCalculation.id == made[1].id)
    with backplane.database.transaction() as connection:
        connection.execute(long_ago.values(expires_at=1.0))
    retention.forget(backplane)
    with backplane.database.reading() as connection:
        found = thresholds.list_thresholds(connection, after=None, limit=9)
    assert {each.id for each in found} == {still_there, market}


def test_what_hours_of_checks_came_to_is_kept_for_days_of_its_own(
    open_backplane: OpenBackplane, sqlite_url: str, valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(
        database_url=sqlite_url, redis_url=valkey.redis_url, provider_hour_days=2
    )
    provider = add_provider(backplane.database)
    with backplane.database.transaction() as connection:
        now = provider.created_at
        for days in (1, 3):
            record_check(connection, provider.id, now - days * 86_400, response_ms=1.0)
    retention.forget(backplane)
    with backplane.database.reading() as connection:
        left = provider_statistics.hours(connection, provider.id, begin=0.0)
    assert [now - hour < 2 * 86_400 for hour, _ in left] == [True]
