"""A job's log: numbered from 1 without holes, whatever Redis forgets."""

import json
import threading

import pytest
from redis import Redis

from db.backplane import Backplane
from db.contracts.errors import (
    DatabaseUnavailableError,
    LeaseLostError,
    NotFoundError,
    StreamUnavailableError,
)
from db.contracts.event import Published
from db.contracts.job_state import JobState
from db.embedded_valkey import EmbeddedValkey
from db.repositories import attempts
from db.repositories.attempts import Claim
from db.stream import Entry
from tests.conftest import OpenBackplane, Switch
from tests.sample_events import progress, start
from tests.sample_jobs import claim, finish, milestones, row, submit, submit_milestone


def give_back(backplane: Backplane, claimed: Claim) -> None:
    with backplane.database.transaction() as connection:
        released = attempts.give_back(
            connection, claimed.job_id, attempt=claimed.attempt, reason="worker goes"
        )
    backplane.log.publish(released.milestones)


def end(backplane: Backplane, claimed: Claim) -> None:
    backplane.log.publish([finish(backplane.database, claimed)])


def events(backplane: Backplane, job_id: str) -> list[Published]:
    page = backplane.log.read(job_id)
    assert [event.sequence for event in page.events] == list(
        range(1, page.last_sequence + 1)
    )
    return list(page.events)


def kinds(backplane: Backplane, job_id: str) -> list[str]:
    log = events(backplane, job_id)
    return [event.type.value.removeprefix("job.") for event in log]


def test_events_are_numbered_from_one_without_holes(backplane: Backplane) -> None:
    claimed = start(backplane)
    backplane.log.append([progress(claimed, 1), progress(claimed, 2)])
    end(backplane, claimed)
    log = events(backplane, claimed.job_id)
    assert [event.type.value for event in log] == [
        "job.queued",
        "job.started",
        "job.progress",
        "job.progress",
        "job.succeeded",
    ]
    assert [json.loads(event.body)["sequence"] for event in log] == [
        f"{number:012d}" for number in range(1, 6)
    ]
    assert len({event.epoch for event in log}) == 1


def test_what_was_published_before_is_passed_over(backplane: Backplane) -> None:
    claimed = start(backplane)
    before = events(backplane, claimed.job_id)
    backplane.log.publish(milestones(backplane.database, claimed.job_id))
    assert events(backplane, claimed.job_id) == before


def test_a_milestone_brings_those_before_it(backplane: Backplane) -> None:
    job_id = submit(backplane.database)
    claimed = claim(backplane.database, job_id)
    backplane.log.publish([claimed.started])
    assert kinds(backplane, job_id) == ["queued", "started"]


def test_milestones_of_several_jobs_go_in_one_trip(backplane: Backplane) -> None:
    first, second = submit(backplane.database), submit(backplane.database)
    both = [claim(backplane.database, job_id).started for job_id in (first, second)]
    backplane.log.publish(both)
    for job_id in (first, second):
        assert kinds(backplane, job_id) == ["queued", "started"]


def test_the_first_reader_mends_a_log_that_nobody_published(
    backplane: Backplane,
) -> None:
    job_id = submit(backplane.database)
    assert kinds(backplane, job_id) == ["queued"]


def test_an_unknown_job_has_no_log(backplane: Backplane) -> None:
    with pytest.raises(NotFoundError):
        backplane.log.read("job_none")


def test_a_reader_goes_on_from_where_it_stands(backplane: Backplane) -> None:
    claimed = start(backplane)
    backplane.log.append([progress(claimed, note) for note in range(5)])
    page = backplane.log.read(claimed.job_id, after=3, limit=2)
    assert [event.sequence for event in page.events] == [4, 5]
    assert page.last_sequence == 7
    assert not page.ended


def test_threads_that_publish_the_same_add_nothing_twice(
    backplane: Backplane,
) -> None:
    claimed = claim(backplane.database, submit(backplane.database))
    finish(backplane.database, claimed)
    told = milestones(backplane.database, claimed.job_id)
    together = threading.Barrier(4)

    def publish() -> None:
        together.wait(30)
        for milestone in told:
            backplane.log.publish([milestone])

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kinds(backplane, claimed.job_id) == ["queued", "started", "succeeded"]


def test_a_stale_attempt_streams_nothing_more(backplane: Backplane) -> None:
    stale = start(backplane)
    give_back(backplane, stale)
    # Even before the next attempt has begun.
    with pytest.raises(LeaseLostError):
        backplane.log.append([progress(stale)])
    owner = start(backplane, stale.job_id)
    with pytest.raises(LeaseLostError):
        backplane.log.append([progress(stale)])
    backplane.log.append([progress(owner)])
    assert kinds(backplane, stale.job_id) == [
        "queued",
        "started",
        "queued",
        "started",
        "progress",
    ]


def test_a_stale_attempt_is_refused_after_a_flush_too(
    backplane: Backplane, redis: Redis
) -> None:
    stale = start(backplane)
    give_back(backplane, stale)
    redis.flushall()
    with pytest.raises(LeaseLostError):
        backplane.log.append([progress(stale)])
    assert kinds(backplane, stale.job_id) == ["queued", "started", "queued"]


def test_nothing_follows_the_end(backplane: Backplane) -> None:
    claimed = start(backplane)
    end(backplane, claimed)
    backplane.log.append([progress(claimed)])
    assert kinds(backplane, claimed.job_id) == ["queued", "started", "succeeded"]
    assert backplane.log.read(claimed.job_id).ended


def test_a_flush_begins_a_new_epoch_from_the_milestones(
    backplane: Backplane, redis: Redis
) -> None:
    claimed = start(backplane)
    backplane.log.append([progress(claimed, 1)])
    old = backplane.log.read(claimed.job_id).epoch
    redis.flushall()
    backplane.log.append([progress(claimed, 2), progress(claimed, 3)])
    log = events(backplane, claimed.job_id)
    assert kinds(backplane, claimed.job_id) == [
        "queued",
        "started",
        "progress",
        "progress",
    ]
    assert {json.loads(event.body)["epoch"] for event in log} == {log[0].epoch}
    assert log[0].epoch != old


def test_entries_taken_before_a_flush_is_noticed_are_not_doubled(
    backplane: Backplane,
) -> None:
    claimed = start(backplane)
    # As if another process had mended between the first and the second.
    backplane.log.append([progress(claimed, 1, needs=9), progress(claimed, 2)])
    assert kinds(backplane, claimed.job_id) == ["queued", "started", "progress"]


def test_milestones_keep_their_names_in_a_new_epoch(
    backplane: Backplane, redis: Redis
) -> None:
    claimed = start(backplane)
    names = [json.loads(e.body)["id"] for e in events(backplane, claimed.job_id)]
    redis.flushall()
    again = [json.loads(e.body)["id"] for e in events(backplane, claimed.job_id)]
    assert again == names
    assert len(set(names)) == 2


def test_an_archived_log_has_the_same_bytes(backplane: Backplane, redis: Redis) -> None:
    claimed = start(backplane)
    backplane.log.append([progress(claimed, note) for note in range(3)])
    end(backplane, claimed)
    before = backplane.log.read(claimed.job_id)
    backplane.log.archive([claimed.job_id])
    redis.flushall()
    assert backplane.log.read(claimed.job_id) == before
    page = backplane.log.read(claimed.job_id, after=2, limit=2)
    assert page.events == before.events[2:4]
    assert page.last_sequence == before.last_sequence
    assert backplane.log.read(claimed.job_id, after=99).events == []
    (position,) = backplane.log.positions([claimed.job_id])
    assert (position.epoch, position.sequence, position.ended) == (
        before.epoch,
        before.last_sequence,
        True,
    )


def test_an_archive_is_made_of_many_pages(backplane: Backplane, redis: Redis) -> None:
    claimed = start(backplane)
    backplane.log.append([progress(claimed, note) for note in range(700)])
    end(backplane, claimed)
    backplane.log.archive([claimed.job_id])
    redis.flushall()
    page = backplane.log.read(claimed.job_id, limit=1000)
    assert [event.sequence for event in page.events] == list(range(1, 704))


def test_a_log_without_an_end_is_not_archived(backplane: Backplane) -> None:
    living, ended = start(backplane), start(backplane)
    end(backplane, ended)
    backplane.log.archive([living.job_id, "job_none", ended.job_id])
    assert not row(backplane.database, living.job_id).archived
    assert row(backplane.database, ended.job_id).archived


def test_the_stream_lets_go_of_an_ended_log(backplane: Backplane, redis: Redis) -> None:
    claimed = start(backplane)
    keys = [f"solvequeue:{part}:{claimed.job_id}" for part in ("log", "head")]
    assert [redis.ttl(key) for key in keys] == [-1, -1]
    end(backplane, claimed)
    assert all(redis.ttl(key) > 0 for key in keys)
    before = backplane.log.read(claimed.job_id)
    backplane.log.archive([claimed.job_id])
    redis.delete(*keys)
    assert backplane.log.read(claimed.job_id) == before


def test_positions_tell_where_each_log_stands(backplane: Backplane) -> None:
    claimed = start(backplane)
    entry = progress(claimed)
    backplane.stream.append([Entry(entry.draft, fence=1, needs=2, progress='{"a":1}')])
    known, unknown = backplane.log.positions([claimed.job_id, "job_none"])
    assert (known.sequence, known.milestones, known.progress) == (3, 2, '{"a":1}')
    assert unknown.epoch == ""


def test_the_terminal_event_is_the_last_of_its_log(backplane: Backplane) -> None:
    for state in (JobState.FAILED, JobState.CANCELLED):
        claimed = start(backplane)
        backplane.log.publish([finish(backplane.database, claimed, state)])
        page = backplane.log.read(claimed.job_id)
        assert page.events[-1].type.is_terminal
        assert sum(event.type.is_terminal for event in page.events) == 1


def test_a_server_that_is_away_is_unavailable(
    open_backplane: OpenBackplane, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    milestone = submit_milestone(backplane.database)
    own_valkey.stop()
    with pytest.raises(StreamUnavailableError):
        backplane.log.publish([milestone])
    with pytest.raises(StreamUnavailableError):
        backplane.log.read(milestone.draft.job_id)
    own_valkey.start()
    backplane.log.publish([milestone])
    assert kinds(backplane, milestone.draft.job_id) == ["queued"]


def test_a_server_that_is_full_is_unavailable(
    open_backplane: OpenBackplane, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    milestone = submit_milestone(backplane.database)
    with Redis.from_url(own_valkey.redis_url) as connection:
        connection.config_set("maxmemory", 1)
        with pytest.raises(StreamUnavailableError, match="takes no events"):
            backplane.log.publish([milestone])
        with pytest.raises(StreamUnavailableError):
            backplane.log.publish([milestone, milestone])
        connection.config_set("maxmemory", 0)
    backplane.log.publish([milestone])
    assert kinds(backplane, milestone.draft.job_id) == ["queued"]


def test_mending_needs_the_database(
    open_backplane: OpenBackplane, switch: Switch, valkey: EmbeddedValkey, redis: Redis
) -> None:
    backplane = open_backplane(database_url=switch.url, redis_url=valkey.redis_url)
    claimed = start(backplane)
    redis.flushall()
    switch.off()
    with pytest.raises(DatabaseUnavailableError):
        backplane.log.append([progress(claimed)])
    switch.on()
    backplane.log.append([progress(claimed)])
    assert kinds(backplane, claimed.job_id) == ["queued", "started", "progress"]
