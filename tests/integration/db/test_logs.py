"""Archived logs: put once, and never put anew."""

from db.engine import Database
from db.repositories import logs
from tests.sample_jobs import claim_new, finish, row


def put(database: Database, job_id: str, epoch: str = "e1") -> None:
    with database.transaction() as connection:
        log = logs.EndedLog(job_id=job_id, epoch=epoch, last_sequence=3, lines=b"\x00x")
        logs.put_logs(connection, [log])


def epoch_of(database: Database, job_id: str) -> str | None:
    with database.reading() as connection:
        found = logs.get_log(connection, job_id)
        return None if found is None else found.epoch


def test_an_ended_jobs_log_is_archived_once(database: Database) -> None:
    claimed = claim_new(database)
    finish(database, claimed)
    put(database, claimed.job_id)
    put(database, claimed.job_id, "e2")
    assert epoch_of(database, claimed.job_id) == "e1"
    assert row(database, claimed.job_id).archived


def test_ended_and_living_jobs_are_told_apart(database: Database) -> None:
    living, ended = claim_new(database), claim_new(database)
    finish(database, ended)
    with database.reading() as connection:
        assert logs.unarchived(connection, limit=9) == [(ended.job_id, 3)]
        assert logs.unended(connection, limit=9) == [(living.job_id, 2)]
    put(database, ended.job_id)
    with database.reading() as connection:
        assert logs.unarchived(connection, limit=9) == []
