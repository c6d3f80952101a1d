"""Whose turn it is: fair between callers, oldest first, and nobody starves."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select

from db.acceptance import accept
from db.contracts.caller import EVERY_SCOPE
from db.contracts.settings import Settings
from db.engine import Database
from db.repositories import api_keys, attempts, queues, rescues, turns
from db.repositories.api_keys import NewApiKey
from tests.sample_jobs import LEASE_SECONDS, OWNER, new_job, row, set_row

QUEUE = "interactive"


def submit(database: Database, caller: str, **changes: object) -> str:
    with database.transaction() as connection:
        return accept(connection, new_job(caller=caller, **changes)).job.id


def take(database: Database, *, max_running: int = 0) -> str | None:
    """Take the next job as a worker does; return it."""
    with database.transaction() as connection:
        turn = turns.take_turn(connection, QUEUE, max_running=max_running)
        if turn is None:
            return None
        assert attempts.claim(
            connection, turn.job_id, owner=OWNER, lease_seconds=LEASE_SECONDS
        )
        turns.count_turn(connection, turn)
    return turn.job_id


def take_all(database: Database) -> list[str]:
    taken = []
    while (job_id := take(database)) is not None:
        taken.append(job_id)
    return taken


def test_one_callers_jobs_are_taken_as_they_were_sent(database: Database) -> None:
    sent = [submit(database, "a") for _ in range(4)]
    assert take_all(database) == sent


def test_priority_counts_as_having_been_sent_earlier(database: Database) -> None:
    usual = submit(database, "a")
    urgent = submit(database, "a", priority_s=60.0)
    late = submit(database, "a", priority_s=-60.0)
    assert take_all(database) == [urgent, usual, late]


def test_no_priority_lets_others_wait_for_ever(database: Database) -> None:
    old = submit(database, "a")
    set_row(database, old, order_at=row(database, old).order_at - 3601.0)
    submit(database, "a", priority_s=3600.0)
    assert take(database) == old


def test_callers_take_turns_however_many_jobs_they_have(database: Database) -> None:
    many = [submit(database, "a") for _ in range(5)]
    few = [submit(database, "b") for _ in range(2)]
    assert take_all(database) == [
        many[0],
        few[0],
        many[1],
        few[1],
        many[2],
        many[3],
        many[4],
    ]


def test_priority_does_not_take_from_other_callers(database: Database) -> None:
    pushy = [submit(database, "a", priority_s=3600.0) for _ in range(2)]
    humble = submit(database, "b")
    assert take_all(database) == [pushy[0], humble, pushy[1]]


def test_who_comes_late_has_saved_nothing_up(database: Database) -> None:
    before = [submit(database, "a") for _ in range(6)]
    for expected in before[:4]:
        assert take(database) == expected
    new = [submit(database, "b") for _ in range(3)]
    # Level with who waits, not four turns ahead.
    assert take_all(database) == [before[4], new[0], before[5], new[1], new[2]]


def test_who_was_served_while_it_was_alone_does_not_pay_for_it(
    database: Database,
) -> None:
    for _ in range(3):
        submit(database, "a")
    take_all(database)
    for _ in range(3):
        submit(database, "b")
    back = submit(database, "a")
    assert take_all(database).index(back) <= 1


def test_who_was_away_starts_level_too(database: Database) -> None:
    submit(database, "b")
    assert take(database) is not None
    waiting = [submit(database, "a") for _ in range(5)]
    for _ in range(3):
        assert take(database) is not None
    back = submit(database, "b")
    taken = take_all(database)
    assert taken.index(back) <= 1
    assert set(taken) == {*waiting[3:], back}


def test_a_caller_has_no_more_running_than_it_may(database: Database) -> None:
    first, second = submit(database, "a"), submit(database, "a")
    other = submit(database, "b")
    assert take(database, max_running=1) == first
    assert take(database, max_running=1) == other
    assert take(database, max_running=1) is None
    assert take(database, max_running=2) == second


def give_key(database: Database, owner: str, **limits: float) -> str:
    new = NewApiKey(owner=owner, scopes=EVERY_SCOPE, **limits)  # type: ignore[arg-type]
    with database.transaction() as connection:
        return api_keys.create_key(connection, new)[0].prefix


@pytest.mark.parametrize("usually", [0, 5])
def test_a_key_says_how_many_jobs_of_its_owner_run(
    database: Database, usually: int
) -> None:
    give_key(database, "a", max_running=1)
    first, _ = submit(database, "key:a"), submit(database, "key:a")
    other = submit(database, "key:b")
    assert take(database, max_running=usually) == first
    assert take(database, max_running=usually) == other
    assert take(database, max_running=usually) is None


def test_a_key_may_allow_more_than_is_usual(database: Database) -> None:
    give_key(database, "a", max_running=2)
    sent = [submit(database, "key:a") for _ in range(3)]
    taken = [take(database, max_running=1) for _ in range(3)]
    assert taken == [sent[0], sent[1], None]


def test_of_several_keys_the_largest_limit_that_still_holds_counts(
    database: Database,
) -> None:
    give_key(database, "a", max_running=1)
    give_key(database, "a")
    revoked = give_key(database, "a", max_running=9)
    give_key(database, "a", max_running=9, expires_s=-1.0)
    with database.transaction() as connection:
        api_keys.revoke_key(connection, revoked)
    first = submit(database, "key:a")
    submit(database, "key:a")
    assert take(database) == first
    assert take(database) is None


def test_a_limit_of_no_key_that_holds_is_no_limit(database: Database) -> None:
    revoked = give_key(database, "a", max_running=1)
    sent = [submit(database, "key:a") for _ in range(2)]
    with database.transaction() as connection:
        api_keys.revoke_key(connection, revoked)
    assert take_all(database) == sent


@pytest.mark.parametrize("query", [turns._NEXT_CALLERS, turns._NEXT_JOB])
def test_a_turn_is_found_by_its_index_however_many_wait(
    sqlite: Database, query: Select[Any]
) -> None:
    with sqlite.reading() as connection:
        statement = str(query.compile(dialect=connection.dialect))
        asked = ("explain query plan " + statement, ("x",) * statement.count("?"))
        plan = [row[-1] for row in connection.exec_driver_sql(*asked)]
    assert any("ix_job_turn (queue=? AND caller=?)" in step for step in plan)


def test_held_and_delayed_jobs_have_no_turn(database: Database) -> None:
    submit(database, "a", held=True)
    delayed = submit(database, "a")
    set_row(database, delayed, available_at=2e9)
    ready = submit(database, "a")
    assert take_all(database) == [ready]


def test_a_paused_queue_has_no_turns_and_loses_none(database: Database) -> None:
    jobs = [submit(database, caller) for caller in "ab"]
    for _ in range(2):
        with database.transaction() as connection:
            queues.pause(connection, QUEUE, by="operator")
    assert take_all(database) == []
    with database.reading() as connection:
        assert set(queues.paused(connection)) == {QUEUE}
        assert queues.standing_of(connection, QUEUE).waiting == 2
        assert rescues.queued_jobs(connection, waited_seconds=0, limit=9) == []
    for _ in range(2):
        with database.transaction() as connection:
            queues.resume(connection, QUEUE)
    with database.reading() as connection:
        assert queues.paused(connection) == {}
        assert len(rescues.queued_jobs(connection, waited_seconds=0, limit=9)) == 2
    assert set(take_all(database)) == set(jobs)


def test_waiting_jobs_are_counted_by_caller(database: Database) -> None:
    for caller in ("a", "b", "a"):
        submit(database, caller)
    submit(database, "a", held=True)
    take(database)
    with database.reading() as connection:
        assert turns.waiting_jobs(connection) == {(QUEUE, "a"): 1, (QUEUE, "b"): 1}


def test_shares_of_absent_callers_are_forgotten(database: Database) -> None:
    submit(database, "a")
    take(database)
    waiting = submit(database, "b")
    with database.transaction() as connection:
        turns.forget_absent(connection)
    again = submit(database, "a")
    assert set(take_all(database)) == {waiting, again}


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from(["submit a", "submit b", "submit c", "take"])))
def test_nobody_waits_while_others_are_served_twice(
    sqlite: Database, steps: list[str]
) -> None:
    take_all(sqlite)
    waiting: dict[str, list[str]] = {"a": [], "b": [], "c": []}
    # How often others were served since each caller has had a job waiting.
    passed_by: dict[str, dict[str, int]] = {}
    for step in steps:
        if step != "take":
            caller = step[-1]
            if not waiting[caller]:
                passed_by[caller] = dict.fromkeys("abc", 0)
            waiting[caller].append(submit(sqlite, caller))
            continue
        taken = take(sqlite)
        owners = [caller for caller, ids in waiting.items() if taken in ids]
        assert bool(owners) == any(waiting.values())
        for served in owners:
            # Of one caller's jobs the first is taken.
            assert waiting[served].pop(0) == taken
            passed_by[served] = dict.fromkeys("abc", 0)
            for caller, ids in waiting.items():
                if ids and caller != served:
                    passed_by[caller][served] += 1
                    assert passed_by[caller][served] <= 2
    take_all(sqlite)


def test_those_who_claim_at_once_do_not_wait_for_each_other(
    postgresql_url: str,
) -> None:
    """Until they commit: then all of one caller's are counted one after another."""
    database = Database(Settings(database_url=postgresql_url))
    jobs = [submit(database, "a") for _ in range(2)]
    with database.transaction() as first, database.transaction() as second:
        turns_taken = []
        # In one thread: whoever waited for the other would wait for ever.
        for connection in (first, second):
            turn = turns.take_turn(connection, QUEUE)
            assert turn is not None
            assert attempts.claim(
                connection, turn.job_id, owner=OWNER, lease_seconds=LEASE_SECONDS
            )
            turns_taken.append(turn.job_id)
        turns.count_turn(second, turn)
    assert turns_taken == jobs
    database.close()
