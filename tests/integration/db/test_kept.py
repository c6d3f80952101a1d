"""What is kept of ended jobs and what goes, on both databases."""

from sqlalchemy import func, select

from db.contracts.delivery import DeliveryState
from db.contracts.identifier import new_id
from db.engine import Database
from db.models import (
    Attempt,
    Delivery,
    DeliveryAttempt,
    Endpoint,
    Event,
    Job,
    Record,
)
from db.repositories import kept, logs
from db.repositories.outcomes import Verdict
from tests.sample_jobs import claim_new, finish, set_row, submit
from tests.sample_webhooks import DONE, must_take, own_endpoint, write


def end_with_everything(database: Database) -> str:
    """Return an ended job that has rows in every table that tells of a job."""
    claimed = claim_new(database)
    own_endpoint(database, claimed.job_id)
    (owed,) = finish(database, claimed).delivery_ids
    taken = must_take(database, owed)
    with database.transaction() as connection:
        write(connection, taken, DONE, Verdict(DeliveryState.DELIVERED))
        log = logs.EndedLog(
            job_id=claimed.job_id, epoch="e", last_sequence=3, lines=b"compressed"
        )
        logs.put_logs(connection, [log])
    return claimed.job_id


def test_what_is_let_go_goes_with_all_of_its_rows(database: Database) -> None:
    gone, other = end_with_everything(database), end_with_everything(database)
    with database.transaction() as connection:
        assert kept.delete_ended(connection, [gone]) == [gone]
    with database.reading() as connection:
        assert list(connection.execute(select(Job.id)).scalars()) == [other]
        for table in (Attempt, Event, Endpoint, Delivery):
            owners = connection.execute(select(table.job_id)).scalars().all()
            assert set(owners) == {other}
        for record in (DeliveryAttempt, Record.metadata.tables["event_log"]):
            count = select(func.count()).select_from(record)
            assert connection.execute(count).scalar_one() == 1


def test_what_has_not_ended_or_is_followed_is_not_deleted(database: Database) -> None:
    leader = end_with_everything(database)
    waiting, running = submit(database), claim_new(database).job_id
    submit(database, held=True, follows=leader)
    with database.transaction() as connection:
        assert kept.delete_ended(connection, [leader, waiting, running]) == []
        assert kept.followed(connection, [leader, waiting, running]) == [leader]


def test_only_ended_archived_jobs_of_a_kind_are_due_the_oldest_first(
    database: Database,
) -> None:
    ended = [end_with_everything(database) for _ in range(3)]
    for age, job_id in enumerate(ended):
        set_row(database, job_id, finished_at=100.0 - age)
    young = end_with_everything(database)
    set_row(database, young, finished_at=300.0)
    finish(database, claim_new(database))
    submit(database)
    for find in (kept.due_for_removal, kept.due_for_deletion):
        with database.reading() as connection:
            due = find(connection, "solve", ended_before=200.0, limit=2)
            assert [job.id for job in due] == [ended[2], ended[1]]
            assert find(connection, "batch", ended_before=200.0, limit=2) == []
    with database.transaction() as connection:
        kept.remove_results(connection, [ended[2]])
        left = kept.due_for_removal(connection, "solve", ended_before=200.0, limit=9)
        assert {job.id for job in left} == {ended[0], ended[1]}


def test_a_log_of_a_job_that_is_gone_is_not_archived(database: Database) -> None:
    here, gone = claim_new(database), new_id("job")
    finish(database, here)
    with database.transaction() as connection:
        both = [
            logs.EndedLog(job_id=job_id, epoch="e", last_sequence=3, lines=b"lines")
            for job_id in (gone, here.job_id)
        ]
        logs.put_logs(connection, both)
        assert logs.get_log(connection, here.job_id) is not None
        assert logs.get_log(connection, gone) is None


def test_an_attempt_at_a_delivery_that_is_gone_is_not_recorded(
    database: Database,
) -> None:
    claimed = claim_new(database)
    own_endpoint(database, claimed.job_id)
    (owed,) = finish(database, claimed).delivery_ids
    taken = must_take(database, owed)
    with database.transaction() as connection:
        assert kept.delete_ended(connection, [claimed.job_id])
        verdict = Verdict(DeliveryState.DELIVERED)
        assert not write(connection, taken, DONE, verdict).is_owned
