"""Jobs as their callers see them, on both databases."""

import threading

import pytest
from sqlalchemy import text

from db.contracts.checkpoint import Checkpoint
from db.contracts.errors import JobFinishedError, NotFoundError
from db.contracts.job_state import FINAL_STATES, JobState
from db.contracts.settings import Settings
from db.engine import Database
from db.models import Job
from db.repositories import attempts, jobs
from db.repositories.jobs import JobFilter
from db.repositories.paging import Cursor
from tests import sample_jobs
from tests.sample_jobs import claim, claim_new, finish, row, submit, types
from tests.waiting import wait_until


def cancel(database: Database, job_id: str) -> bool:
    """Ask for the end; return whether it came at once."""
    with database.transaction() as connection:
        return jobs.request_cancel(connection, job_id) is not None


def list_ids(
    database: Database, chosen: JobFilter | None = None, after: Cursor | None = None
) -> list[str]:
    with database.reading() as connection:
        found = jobs.list_jobs(connection, chosen or JobFilter(), after=after, limit=2)
        return [job.id for job in found]


def test_a_recorded_job_is_queued_with_its_first_event(database: Database) -> None:
    job_id = submit(database, deadline_s=60.0)
    job = row(database, job_id)
    assert (job.state, job.attempt, job.milestones) == (JobState.QUEUED, 0, 1)
    assert job.deadline_at == pytest.approx(job.created_at + 60.0, abs=1.0)
    assert types(database, job_id) == ["job.queued"]


def test_without_a_deadline_there_is_none(database: Database) -> None:
    assert row(database, submit(database)).deadline_at is None


def test_an_unknown_job_is_not_found(database: Database) -> None:
    with pytest.raises(NotFoundError), database.reading() as connection:
        jobs.get_job(connection, "job_none")
    with pytest.raises(NotFoundError):
        cancel(database, "job_none")


def test_cancelling_a_queued_job_ends_it(database: Database) -> None:
    job_id = submit(database)
    assert cancel(database, job_id)
    job = row(database, job_id)
    assert job.state == JobState.CANCELLED
    assert job.cancel_requested_at is not None
    assert job.finished_at is not None
    assert types(database, job_id) == ["job.queued", "job.cancelled"]


def test_cancelling_a_running_job_leaves_a_wish(database: Database) -> None:
    claimed = claim_new(database)
    assert not cancel(database, claimed.job_id)
    assert row(database, claimed.job_id).state == JobState.RUNNING
    with database.transaction() as connection:
        assert attempts.renew(
            connection, claimed.job_id, attempt=claimed.attempt, lease_seconds=15.0
        )


def test_asking_twice_keeps_the_first_moment(database: Database) -> None:
    claimed = claim_new(database)
    cancel(database, claimed.job_id)
    first = row(database, claimed.job_id).cancel_requested_at
    cancel(database, claimed.job_id)
    assert row(database, claimed.job_id).cancel_requested_at == first


def test_cancelling_a_cancelled_job_is_harmless(database: Database) -> None:
    job_id = submit(database)
    cancel(database, job_id)
    assert not cancel(database, job_id)
    assert types(database, job_id) == ["job.queued", "job.cancelled"]


@pytest.mark.parametrize("state", set(FINAL_STATES) - {JobState.CANCELLED})
def test_cancelling_an_ended_job_is_refused(
    database: Database, state: JobState
) -> None:
    claimed = claim_new(database)
    finish(database, claimed, state)
    with pytest.raises(JobFinishedError, match=state.value):
        cancel(database, claimed.job_id)
    assert row(database, claimed.job_id).cancel_requested_at is None


def test_the_wish_to_cancel_outlives_its_attempt(database: Database) -> None:
    claimed = claim_new(database)
    cancel(database, claimed.job_id)
    with database.transaction() as connection:
        attempts.give_back(
            connection, claimed.job_id, attempt=claimed.attempt, reason="worker goes"
        )
    assert claim(database, claimed.job_id).cancel_requested


def test_a_job_claimed_while_it_is_cancelled_hears_of_it(
    postgresql_url: str,
) -> None:
    # Only PostgreSQL runs the two at once; SQLite has one writer.
    database = Database(Settings(database_url=postgresql_url))
    job_id = submit(database)
    thread = threading.Thread(target=cancel, args=(database, job_id))
    with database.transaction() as connection:
        claimed = attempts.claim(connection, job_id, owner="o:1:1", lease_seconds=15.0)
        thread.start()
        wait_until(lambda: _is_someone_waiting_for_a_lock(database))
    thread.join()
    job = row(database, job_id)
    database.close()
    assert claimed is not None
    assert job.state == JobState.RUNNING
    assert job.cancel_requested_at is not None


def _is_someone_waiting_for_a_lock(database: Database) -> bool:
    query = text("select count(*) from pg_locks where not granted")
    with database.reading() as connection:
        return bool(connection.execute(query).scalar_one())


def test_pages_show_each_job_once_newest_first(database: Database) -> None:
    ids = [submit(database) for _ in range(5)]
    with database.transaction() as connection:
        # Made in the same moment: the id decides.
        connection.execute(Job.__table__.update().values(created_at=1.0))
    seen: list[str] = []
    after = None
    while page := list_ids(database, after=after):
        seen += page
        after = Cursor(1.0, page[-1])
    assert seen == sorted(ids, reverse=True)


def test_a_listing_shows_what_was_asked_for(database: Database) -> None:
    running = claim_new(database).job_id
    other = submit(database, method="other", instance_sha256="1" * 64, kind="odd")
    assert list_ids(database, JobFilter(states=[JobState.RUNNING])) == [running]
    assert list_ids(database, JobFilter(method="other")) == [other]
    assert list_ids(database, JobFilter(instance_sha256="1" * 64)) == [other]
    assert list_ids(database, JobFilter(kind="odd")) == [other]
    assert list_ids(database, JobFilter(kind="odd", method="tabu_search")) == []


def test_a_listing_reads_no_large_requests(database: Database) -> None:
    submit(database, kind="batch", request="x" * 100_000, children=2)
    submit(database, kind="islands", request="{}", children=2)
    with database.reading() as connection:
        listed = jobs.list_jobs(connection, JobFilter(), after=None, limit=9)
    assert {job.kind: job.request for job in listed} == {"batch": "", "islands": "{}"}


def test_every_state_is_counted(database: Database) -> None:
    submit(database)
    finish(database, claim_new(database))
    with database.reading() as connection:
        counts = jobs.count_by_state(connection)
    assert counts == dict.fromkeys(JobState, 0) | {"queued": 1, "succeeded": 1}


def test_a_whole_row_has_its_checkpoint(database: Database) -> None:
    claimed = claim_new(database)
    checkpoint = sample_jobs.CHECKPOINT.model_dump_json()
    with database.transaction() as connection:
        attempts.renew(
            connection,
            claimed.job_id,
            attempt=1,
            lease_seconds=15.0,
            checkpoint=checkpoint,
        )
    kept = row(database, claimed.job_id).checkpoint
    assert kept is not None
    assert Checkpoint.parse(kept) == sample_jobs.CHECKPOINT
