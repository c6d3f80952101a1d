"""A notification is written once a cause, with what it tells of, and then told."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import update

from db.announcement import notify, tell
from db.backplane import Backplane
from db.contracts.channel import ChannelName
from db.contracts.delivery import DeliveryState, Form
from db.contracts.errors import ErrorRecord
from db.contracts.event import EventType, JobEnded
from db.contracts.job_state import JobState
from db.contracts.notification import MAX_MESSAGE, OPERATORS, EndWish, Level
from db.embedded_valkey import EmbeddedValkey
from db.engine import Database
from db.models import Endpoint, Notice, Notification
from db.reconciler import Reconciler
from db.repositories import attempts, jobs, notifications
from db.repositories.events import Milestone
from db.repositories.notifications import Filter
from db.repositories.paging import Cursor
from db.webhooks.body import body_of
from tests.conftest import OpenBackplane
from tests.sample_jobs import claim, end_lease, submit
from tests.sample_notifications import new_notification, written
from tests.sample_webhooks import must_take, owed_to, owners_endpoint

WISH = EndWish(calculation_id="mine", calculation_type="npv").model_dump_json()


def told(backplane: Backplane) -> list[dict[str, Any]]:
    events = backplane.channels.read(ChannelName.NOTIFICATIONS).events
    return [json.loads(each.body) for each in events]


def end(database: Database, state: JobState = JobState.SUCCEEDED) -> Milestone:
    """Run a job of which the end is to be told."""
    claimed = claim(database, submit(database, caller="key:alice", notify=WISH))
    error = ErrorRecord(
        code="internal", message="a\x00b" * 600, suggestion="", retryable=False
    )
    with database.transaction() as connection:
        return attempts.finish(
            connection,
            claimed.job_id,
            attempt=1,
            state=state,
            payload=JobEnded(
                attempt=1, error=error if state is JobState.FAILED else None
            ),
        )


def test_two_processes_write_a_cause_once(database: Database) -> None:
    def write(_: int) -> bool:
        with database.transaction() as connection:
            noted = notifications.write(connection, new_notification("same"))
        return noted is not None

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(write, range(8)))
    assert made.count(True) == 1
    assert len(written(database)) == 1


def test_it_is_told_to_its_owner_and_kept(backplane: Backplane) -> None:
    new = new_notification("one", level=Level.WARNING, data={"a": [1, None]})
    assert notify(backplane, new)
    assert not notify(backplane, new)
    (row,) = written(backplane.database)
    (event,) = told(backplane)
    assert (event["type"], event["subject"]) == ("notification.sent", row.id)
    assert event["data"] == {
        "id": row.id,
        "channel": "system",
        "notification_type": "trial",
        "level": "warning",
        "message": "told of one",
        "data": {"a": [1, None]},
    }
    (published,) = backplane.channels.read(ChannelName.NOTIFICATIONS).events
    assert published.owner == "key:alice"


def test_what_redis_has_missed_is_listed_and_told_when_it_is_back(
    open_backplane: OpenBackplane, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    own_valkey.stop()
    assert notify(backplane, new_notification("one"))
    assert [each.cause for each in written(backplane.database)] == ["one"]
    own_valkey.start()
    with backplane.database.transaction() as connection:
        connection.execute(update(Notice).values(time=Notice.time - 60))
    Reconciler(backplane).reconcile_all()
    Reconciler(backplane).reconcile_all()
    assert len(told(backplane)) == 1


def test_the_end_of_a_job_is_written_with_it(backplane: Backplane) -> None:
    ending = end(backplane.database)
    (row,) = written(backplane.database)
    job_id = ending.draft.job_id
    assert (row.cause, row.owner, row.subject) == (ending.draft.id, "key:alice", job_id)
    assert (row.type, row.level, row.channel) == (
        *("calculation_completed", "success", "calculations"),
    )
    assert row.message == "npv mine has completed"
    assert json.loads(row.data) == {
        "calculation_id": "mine",
        "calculation_type": "npv",
        "job": job_id,
    }
    assert told(backplane) == []
    tell(backplane, [ending])
    assert [each["subject"] for each in told(backplane)] == [row.id]
    # The reconciler finds nothing more to tell.
    with backplane.database.transaction() as connection:
        connection.execute(update(Notice).values(time=Notice.time - 60))
    Reconciler(backplane).reconcile_all()
    assert len(told(backplane)) == 1


def test_a_failure_is_told_with_its_reason_as_far_as_it_fits(
    database: Database,
) -> None:
    end(database, JobState.FAILED)
    (row,) = written(database)
    assert (row.type, row.level) == ("calculation_failed", "error")
    assert row.message.startswith("npv mine has failed: a\N{REPLACEMENT CHARACTER}b")
    assert len(row.message) == MAX_MESSAGE


def test_a_job_that_waited_is_told_when_it_is_cancelled(database: Database) -> None:
    job_id = submit(database, caller="key:alice", notify=WISH)
    with database.transaction() as connection:
        ending = jobs.request_cancel(connection, job_id)
    assert ending is not None
    assert [each.type for each in written(database)] == ["calculation_cancelled"]
    assert len(ending.notices) == 1


def test_a_worker_that_fell_silent_is_told_of_too(backplane: Backplane) -> None:
    database = backplane.database
    claimed = claim(database, submit(database, caller="key:alice", notify=WISH))
    end_lease(database, claimed.job_id)
    Reconciler(backplane).reconcile_all()
    (row,) = written(database)
    assert (row.type, row.level) == ("calculation_attempt_lost", "warning")
    assert row.message == "npv mine has lost its worker"
    assert [each["subject"] for each in told(backplane)] == [row.id]


def test_nobody_is_told_who_did_not_ask(database: Database) -> None:
    claimed = claim(database, submit(database, caller="key:alice"))
    with database.transaction() as connection:
        attempts.finish(
            connection,
            claimed.job_id,
            attempt=1,
            state=JobState.SUCCEEDED,
            payload=JobEnded(attempt=1),
        )
    assert written(database) == []


@pytest.mark.parametrize("form", [Form.FULL, Form.THIN])
def test_webhooks_that_ask_for_it_are_owed_it(backplane: Backplane, form: Form) -> None:
    database = backplane.database
    wanting = (EventType.NOTIFICATION_SENT,)
    mine = owners_endpoint(database, owner="key:alice", events=wanting, payload=form)
    others = owners_endpoint(database, owner="key:bob", events=wanting)
    deaf = owners_endpoint(database, owner="key:alice")
    notify(backplane, new_notification("one", data={"a": 1}))
    assert [owed_to(database, each.id) for each in (others, deaf)] == [[], []]
    (owed,) = owed_to(database, mine.id)
    (row,) = written(database)
    body = json.loads(body_of(backplane, must_take(database, owed.id)))
    path = f"/v1/notifications/{row.id}"
    assert (body["source"], body["subject"]) == (path, row.id)
    known = {"id": row.id, "channel": "system", "notification_type": "trial"}
    rest: dict[str, Any] = (
        {"links": {"self": path}}
        if form is Form.THIN
        else {"message": "told of one", "data": {"a": 1}}
    )
    assert body["data"] == {**known, "level": "info", **rest}


def test_what_is_for_operators_goes_to_their_webhooks_alone(
    database: Database,
) -> None:
    wanting = (EventType.NOTIFICATION_SENT,)
    ops, plain = (
        owners_endpoint(database, owner=owner, events=wanting)
        for owner in ("key:ops", "key:alice")
    )
    with database.transaction() as connection:
        connection.execute(
            update(Endpoint).where(Endpoint.id == ops.id).values(of_operator=True)
        )
        notifications.write(connection, new_notification("one", owner=OPERATORS))
        notifications.write(connection, new_notification("two"))
    assert [each.state for each in owed_to(database, ops.id)] == [DeliveryState.PENDING]
    assert len(owed_to(database, plain.id)) == 1


def test_all_up_to_one_are_read_and_no_newer(database: Database) -> None:
    for cause in "abc":
        with database.transaction() as connection:
            notifications.write(connection, new_notification(cause))
    with database.transaction() as connection:
        notifications.write(connection, new_notification("d", owner="key:bob"))
    first, second, third, others = written(database)
    mine = ("key:alice",)
    with database.transaction() as connection:
        assert notifications.read_all(connection, mine, up_to=second) == 2
        assert notifications.count_unread(connection, mine) == 1
        assert notifications.read_all(connection, None) == 2
        assert notifications.count_unread(connection, None) == 0
        again = notifications.set_read(connection, first.id, is_read=True)
        assert notifications.set_read(connection, first.id, is_read=False).read_at is (
            None
        )
    assert again.read_at is not None
    assert [each.read_at is None for each in written(database)] == [
        *(True, False, False, False)
    ]
    assert [third.read_at, others.read_at] == [None, None]


def test_a_listing_is_filtered_and_goes_on_where_it_ended(database: Database) -> None:
    with database.transaction() as connection:
        for i in range(5):
            level = Level.ERROR if i % 2 else Level.INFO
            notifications.write(connection, new_notification(f"{i}", level=level))
    rows = written(database)
    wanted = Filter(
        owners=("key:alice",), levels=[Level.INFO], since=rows[1].created_at
    )
    found: list[str] = []
    after: Cursor | None = None
    with database.reading() as connection:
        while page := notifications.list_notifications(
            connection, wanted, after=after, limit=1
        ):
            found.append(page[0].cause)
            after = Cursor(page[0].created_at, page[0].id)
        nothing = Filter(owners=("key:bob",))
        assert not notifications.list_notifications(
            connection, nothing, after=None, limit=9
        )
    assert found == ["4", "2"]


def test_old_ones_are_let_go(database: Database) -> None:
    with database.transaction() as connection:
        for cause in "ab":
            notifications.write(connection, new_notification(cause))
        old = update(Notification).where(Notification.cause == "a")
        connection.execute(old.values(created_at=Notification.created_at - 3600))
        assert notifications.forget(connection, older_than_seconds=60) == 1
    assert [each.cause for each in written(database)] == ["b"]


def test_a_listing_and_its_count_are_found_by_their_indexes(sqlite: Database) -> None:
    listed = "select * from notification where owner in (?)"
    newest = "order by created_at desc, id desc limit 50"
    counted = "select count(*) from notification where owner in (?)"
    for statement, index in (
        (f"{listed} {newest}", "ix_notification_owner_created_at_id (owner=?)"),
        (f"{counted} and read_at is null", "ix_notification_unread (owner=?)"),
    ):
        explain = f"explain query plan {statement}"
        with sqlite.reading() as connection:
            found = connection.exec_driver_sql(explain, ("key:alice",))
            steps = [row[-1] for row in found]
        assert any(index in step for step in steps), steps
        assert not any("TEMP B-TREE" in step for step in steps)
