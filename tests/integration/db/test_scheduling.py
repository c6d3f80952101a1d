"""Due times become jobs, once each, on both databases."""

import threading

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from db import scheduling
from db.contracts.errors import InvalidInputError, NotFoundError
from db.contracts.job_kind import Origin
from db.contracts.job_state import JobState
from db.contracts.kinds.islands import IslandsRequest
from db.contracts.kinds.solve import SolveRequest
from db.contracts.schedule import Cause, Overlap, RunOutcome, Seed, SkipReason
from db.contracts.settings import Settings
from db.engine import Database
from db.models import ScheduleRun
from db.repositories import schedules
from db.scheduling import Dealt
from tests import sample_jobs
from tests.sample_jobs import claim, finish
from tests.sample_schedules import add, make_due, moment, outcomes, row, runs, set_row

STARTED = (RunOutcome.STARTED.value, None)
WAITING = (RunOutcome.WAITING.value, None)


def skipped(reason: SkipReason) -> tuple[str, str]:
    return RunOutcome.SKIPPED.value, reason.value


def take(database: Database, schedule_id: str, due_at: float) -> Dealt | None:
    with database.transaction() as connection:
        return scheduling.take_step(connection, schedule_id, due_at)


def start_waiting(database: Database, schedule_id: str) -> Dealt | None:
    with database.transaction() as connection:
        waiting_at = schedules.get_schedule(connection, schedule_id).waiting_at
        assert waiting_at is not None
        return scheduling.start_waiting(connection, schedule_id, waiting_at)


def run_due(database: Database, schedule_id: str, *, ago: float = 0) -> str | None:
    """Let a due time come and be dealt with; return the id of its job."""
    dealt = take(
        database, schedule_id, make_due(database, schedule_id, seconds_ago=ago)
    )
    assert dealt is not None
    return None if dealt.accepted is None else dealt.accepted.job.id


def end(database: Database, job_id: str) -> None:
    finish(database, claim(database, job_id))


def request_of(database: Database, job_id: str) -> SolveRequest:
    return SolveRequest.model_validate_json(sample_jobs.row(database, job_id).request)


def test_a_due_time_becomes_a_job(database: Database) -> None:
    schedule = add(database)
    due_at = make_due(database, schedule.id)
    dealt = take(database, schedule.id, due_at)
    assert dealt is not None
    assert dealt.accepted is not None
    job = sample_jobs.row(database, dealt.accepted.job.id)
    assert (job.origin, job.origin_id) == (Origin.SCHEDULE, schedule.id)
    assert (job.kind, job.queue, job.state) == ("solve", "interactive", "queued")
    (run,) = runs(database, schedule.id)
    assert (run.due_at, run.cause, run.job_id) == (due_at, Cause.DUE, job.id)
    after = row(database, schedule.id)
    assert (after.next_at, after.last_at) == (due_at + 60, due_at)
    assert (after.runs, after.skips, after.records) == (1, 0, 1)


def test_a_due_time_is_dealt_with_once(database: Database) -> None:
    schedule = add(database)
    due_at = make_due(database, schedule.id)
    assert take(database, schedule.id, due_at) is not None
    assert take(database, schedule.id, due_at) is None
    assert len(runs(database, schedule.id)) == 1


def test_of_many_that_see_it_one_deals_with_it(
    database: Database, database_url: str
) -> None:
    ids = [add(database).id for _ in range(10)]
    due = [(each, make_due(database, each)) for each in ids]
    together = threading.Barrier(4)
    dealt: list[Dealt | None] = []

    def race() -> None:
        own = Database(Settings(database_url=database_url))
        together.wait(30)
        for schedule_id, due_at in due:
            dealt.append(take(own, schedule_id, due_at))
        own.close()

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(dealt) == 4 * len(ids)
    assert sum(each is not None for each in dealt) == len(ids)
    assert all(outcomes(database, each) == [STARTED] for each in ids)


def test_the_database_refuses_a_second_run_of_a_due_time(database: Database) -> None:
    schedule = add(database)
    run_due(database, schedule.id)
    (run,) = runs(database, schedule.id)
    again = {each.name: getattr(run, each.name) for each in ScheduleRun.__table__.c}
    with pytest.raises(IntegrityError), database.transaction() as connection:
        connection.execute(insert(ScheduleRun).values(again | {"number": 2}))


def test_the_job_of_a_due_time_has_one_id_and_one_seed() -> None:
    ids = {scheduling.job_id_of("sch_1", due) for due in (1.0, 2.0, 1.0)}
    seeds = {scheduling.seed_of("sch_1", due) for due in (1.0, 2.0, 1.0)}
    assert len(ids) == len(seeds) == 2
    assert scheduling.job_id_of("sch_2", 1.0) not in ids
    assert all(0 <= seed < 2**53 for seed in seeds)


def test_each_run_has_a_seed_of_its_own_unless_one_was_named(
    database: Database,
) -> None:
    each, fixed = add(database), add(database, seed=Seed.FIXED.value)
    seeds = {
        schedule.id: [
            request_of(database, run_due(database, schedule.id, ago=ago) or "").seed
            for ago in (2, 1)
        ]
        for schedule in (each, fixed)
    }
    assert len(set(seeds[each.id])) == 2
    assert seeds[fixed.id] == [0, 0]


def test_each_run_of_islands_has_seeds_of_its_own(sqlite: Database) -> None:
    wanted = IslandsRequest(islands=2, solve=sample_jobs.REQUEST).model_dump_json()
    schedule = add(sqlite, kind="islands", request=wanted)
    seeds = set()
    for ago in (2, 1):
        job_id = run_due(sqlite, schedule.id, ago=ago) or ""
        text = sample_jobs.row(sqlite, job_id).request
        request = IslandsRequest.model_validate_json(text)
        seeds |= {request.island(number).seed for number in range(2)}
    assert len(seeds) == 4


def test_one_that_is_late_by_seconds_was_not_missed(database: Database) -> None:
    schedule = add(database, every_s=1, catch_up_s=0)
    make_due(database, schedule.id, seconds_ago=3)
    while (next_at := row(database, schedule.id).next_at) and (
        next_at <= moment(database)
    ):
        take(database, schedule.id, next_at)
    told = runs(database, schedule.id)
    assert len(told) >= 4
    assert {(run.cause, run.outcome) for run in told} == {(Cause.DUE, "started")}
    ordered = [run.due_at for run in told]
    assert ordered == [ordered[0] + second for second in range(len(ordered))]


def test_after_an_outage_there_is_one_run_to_catch_up(database: Database) -> None:
    schedule = add(database)
    due_at = make_due(database, schedule.id, seconds_ago=630)
    take(database, schedule.id, due_at)
    missed, caught_up = runs(database, schedule.id)
    assert (missed.reason, missed.due_at, missed.times) == ("missed", due_at, 10)
    assert caught_up.cause == Cause.CATCH_UP
    assert caught_up.due_at == due_at + 600
    after = row(database, schedule.id)
    assert after.next_at == due_at + 660
    assert (after.runs, after.skips) == (1, 10)


def test_what_is_due_at_this_moment_spares_catching_up(database: Database) -> None:
    schedule = add(database)
    due_at = make_due(database, schedule.id, seconds_ago=600)
    take(database, schedule.id, due_at)
    missed, on_time = runs(database, schedule.id)
    assert (missed.reason, missed.times) == (SkipReason.MISSED, 10)
    assert (on_time.cause, on_time.due_at) == (Cause.DUE, due_at + 600)


def test_what_was_missed_by_more_than_the_window_is_let_go(database: Database) -> None:
    schedule = add(database, every_s=3600, catch_up_s=60)
    due_at = make_due(database, schedule.id, seconds_ago=120)
    take(database, schedule.id, due_at)
    assert outcomes(database, schedule.id) == [skipped(SkipReason.MISSED)]
    assert row(database, schedule.id).next_at == due_at + 3600


def test_a_long_outage_is_told_in_one_row(database: Database) -> None:
    schedule = add(database, every_s=1, catch_up_s=10**6)
    due_at = make_due(database, schedule.id, seconds_ago=10**6)
    take(database, schedule.id, due_at)
    missed, _ = runs(database, schedule.id)
    assert missed.times == 1000


def test_the_last_due_time_is_the_end(database: Database) -> None:
    schedule = add(database)
    due_at = make_due(database, schedule.id)
    set_row(database, schedule.id, end_at=due_at + 59)
    take(database, schedule.id, due_at)
    assert row(database, schedule.id).next_at is None


def test_skip_lets_a_due_time_go_while_a_job_runs(database: Database) -> None:
    schedule = add(database, overlap=Overlap.SKIP.value)
    first = run_due(database, schedule.id, ago=3)
    assert first is not None
    assert run_due(database, schedule.id, ago=2) is None
    end(database, first)
    assert run_due(database, schedule.id) is not None
    expected = [STARTED, skipped(SkipReason.OVERLAP), STARTED]
    assert outcomes(database, schedule.id) == expected


def test_allow_starts_jobs_beside_each_other(database: Database) -> None:
    schedule = add(database)
    assert len({run_due(database, schedule.id, ago=ago) for ago in (2, 1)}) == 2
    assert outcomes(database, schedule.id) == [STARTED] * 2


def test_allow_has_an_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "MAX_UNENDED", 2)
    schedule = add(database)
    for ago in (3, 2, 1):
        run_due(database, schedule.id, ago=ago)
    assert outcomes(database, schedule.id) == [
        STARTED,
        STARTED,
        skipped(SkipReason.OVERLAP),
    ]


def test_queue_one_lets_one_wait_and_starts_it_later(database: Database) -> None:
    schedule = add(database, overlap=Overlap.QUEUE_ONE.value)
    first = run_due(database, schedule.id, ago=3)
    assert first is not None
    assert run_due(database, schedule.id, ago=2) is None
    waiting_at = row(database, schedule.id).waiting_at
    assert run_due(database, schedule.id, ago=1) is None
    expected = [STARTED, WAITING, skipped(SkipReason.ONE_WAITS)]
    assert outcomes(database, schedule.id) == expected

    assert start_waiting(database, schedule.id) is None
    end(database, first)
    with database.reading() as connection:
        assert schedules.waiting_schedules(connection, limit=9) == [
            (schedule.id, waiting_at)
        ]
    dealt = start_waiting(database, schedule.id)
    assert dealt is not None
    assert dealt.accepted is not None
    assert dealt.accepted.job.id == scheduling.job_id_of(schedule.id, waiting_at or 0)
    assert outcomes(database, schedule.id)[1] == STARTED
    after = row(database, schedule.id)
    assert (after.waiting_at, after.runs, after.skips) == (None, 2, 1)


def test_replace_cancels_what_runs_and_what_waits(database: Database) -> None:
    schedule = add(database)
    waiting = run_due(database, schedule.id, ago=3)
    running = run_due(database, schedule.id, ago=2)
    assert running is not None
    assert waiting is not None
    claimed = claim(database, running)
    set_row(database, schedule.id, overlap=Overlap.REPLACE.value)
    dealt = take(database, schedule.id, make_due(database, schedule.id))
    assert dealt is not None
    assert dealt.accepted is not None
    assert sample_jobs.row(database, waiting).state == JobState.CANCELLED
    assert sample_jobs.row(database, running).cancel_requested_at is not None
    ended = [each.job_id for each in dealt.stopping if each.ending is not None]
    assert ended == [waiting]
    finish(database, claimed, JobState.CANCELLED)
    assert outcomes(database, schedule.id) == [STARTED] * 3


def test_replace_with_equal_work_is_new_work(database: Database) -> None:
    schedule = add(database, overlap=Overlap.REPLACE.value, seed=Seed.FIXED.value)
    first = run_due(database, schedule.id, ago=2)
    second = run_due(database, schedule.id, ago=1)
    assert first is not None
    assert second is not None
    assert sample_jobs.row(database, first).state == JobState.CANCELLED
    assert claim(database, second).job_id == second


def test_a_trigger_starts_a_job_whatever_else(database: Database) -> None:
    schedule = add(database, overlap=Overlap.SKIP.value, paused=True, next_at=None)
    for _ in range(3):
        with database.transaction() as connection:
            scheduling.trigger(connection, schedule.id)
    told = runs(database, schedule.id)
    assert {(run.cause, run.outcome) for run in told} == {(Cause.TRIGGER, "started")}
    assert len({run.job_id for run in told}) == 3
    assert row(database, schedule.id).next_at is None


def test_a_triggered_job_stands_in_the_way_of_the_next(database: Database) -> None:
    schedule = add(database, overlap=Overlap.SKIP.value)
    with database.transaction() as connection:
        scheduling.trigger(connection, schedule.id)
    assert run_due(database, schedule.id) is None


def test_a_trigger_of_nothing_is_not_found(database: Database) -> None:
    with pytest.raises(NotFoundError), database.transaction() as connection:
        scheduling.trigger(connection, "sch_none")


@pytest.mark.parametrize("stored", [{"kind": "gone"}, {"request": '{"was": 1}'}])
def test_what_is_not_understood_is_skipped_and_told(
    database: Database, stored: dict[str, str]
) -> None:
    schedule = add(database, **stored)
    assert run_due(database, schedule.id) is None
    assert outcomes(database, schedule.id) == [skipped(SkipReason.INVALID)]
    with pytest.raises(InvalidInputError), database.transaction() as connection:
        scheduling.trigger(connection, schedule.id)


def test_a_job_that_stands_in_the_way_keeps_running_if_nothing_replaces_it(
    database: Database,
) -> None:
    schedule = add(database, overlap=Overlap.REPLACE.value)
    first = run_due(database, schedule.id, ago=2)
    assert first is not None
    set_row(database, schedule.id, kind="gone")
    run_due(database, schedule.id)
    assert sample_jobs.row(database, first).state == JobState.QUEUED


def test_a_webhook_of_the_schedule_is_one_of_each_job(database: Database) -> None:
    schedule = add(
        database, webhook_url="https://example.com/told", webhook_secret="whsec_x"
    )
    job_id = run_due(database, schedule.id)
    assert job_id is not None
    ending = finish(database, claim(database, job_id))
    assert len(ending.delivery_ids) == 1


def test_a_dropped_wait_is_told(database: Database) -> None:
    schedule = add(database, overlap=Overlap.QUEUE_ONE.value)
    run_due(database, schedule.id, ago=3)
    run_due(database, schedule.id, ago=2)
    with database.transaction() as connection:
        held = schedules.hold_schedule(connection, schedule.id)
        scheduling.drop_waiting(connection, held)
    assert outcomes(database, schedule.id)[1] == skipped(SkipReason.PAUSED)
    assert row(database, schedule.id).waiting_at is None
