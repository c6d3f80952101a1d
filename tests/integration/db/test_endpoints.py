"""Endpoints of owners: what they are owed, and what happens to them meanwhile."""

import threading

import pytest

from db.contracts.delivery import (
    MAX_OLD_SECRETS,
    MILESTONES,
    DeliveryState,
    EndpointState,
    Mode,
    Trigger,
)
from db.contracts.errors import NotFoundError, QuotaExceededError
from db.contracts.event import EventType
from db.engine import Database, now
from db.models import Delivery, DeliveryAttempt, Endpoint
from db.repositories import deliveries, endpoints, notifications
from tests.sample_jobs import (
    claim,
    claim_new,
    finish,
    set_row,
    submit,
    submit_milestone,
)
from tests.sample_webhooks import (
    DAY_SECONDS,
    DONE,
    count,
    forget_hints,
    hinted,
    look,
    look_at_endpoint,
    must_take,
    owe,
    owed_to,
    own_endpoint,
    owners_endpoint,
    pause,
    record,
    set_delivery,
    set_endpoint,
    take,
)


def resume(database: Database, endpoint_id: str) -> Endpoint:
    with database.transaction() as connection:
        return endpoints.resume(connection, endpoint_id)


def delete(database: Database, endpoint_id: str) -> None:
    with database.transaction() as connection:
        endpoints.delete_endpoint(connection, endpoint_id)


def test_an_owner_is_owed_the_milestones_that_it_asked_for(database: Database) -> None:
    all_of_it = owners_endpoint(database, events=MILESTONES)
    ends = owners_endpoint(database)
    others = owners_endpoint(database, owner="someone else", events=MILESTONES)
    queued = submit_milestone(database)
    assert len(queued.delivery_ids) == 1
    claimed = claim(database, queued.draft.job_id)
    assert len(claimed.started.delivery_ids) == 1
    ended = finish(database, claimed)
    assert len(ended.delivery_ids) == 2
    found = owed_to(database, all_of_it.id)
    assert [each.event_type for each in found] == [
        "job.queued",
        "job.started",
        "job.succeeded",
    ]
    assert [each.ordinal for each in found] == [1, 2, 3]
    assert [each.event_type for each in owed_to(database, ends.id)] == ["job.succeeded"]
    assert owed_to(database, others.id) == []


def test_what_is_part_of_another_job_is_not_told_to_owners(database: Database) -> None:
    endpoint = owners_endpoint(database, events=MILESTONES)
    parent = submit(database)
    child = submit(database, parent_id=parent, position=0)
    finish(database, claim(database, child))
    assert {each.job_id for each in owed_to(database, endpoint.id)} == {parent}


def test_a_type_that_another_begins_with_is_not_meant(database: Database) -> None:
    owners_endpoint(database, events=(EventType.JOB_ATTEMPT_LOST,))
    assert submit_milestone(database).delivery_ids == ()


def test_an_owner_has_only_so_many(database: Database) -> None:
    made = owners_endpoint(database)
    new = endpoints.NewEndpoint(
        owner="",
        mode=Mode.PUSH,
        url=made.url,
        secret="whsec_x",
        events=MILESTONES,
        payload=endpoints.Form.THIN,
    )
    with (
        pytest.raises(QuotaExceededError),
        database.transaction() as connection,
    ):
        endpoints.add_endpoint(connection, new, limit=1)


def test_a_jobs_own_endpoint_is_no_owners(database: Database) -> None:
    own = own_endpoint(database, submit(database))
    for act in (pause, resume, delete):
        with pytest.raises(NotFoundError):
            act(database, own)
    with database.reading() as connection:
        assert endpoints.list_endpoints(connection, after=None, limit=9) == []


def test_a_paused_endpoint_holds_what_is_owed_and_what_will_be(
    database: Database,
) -> None:
    endpoint = owners_endpoint(database)
    owe(database)
    pause(database, endpoint.id)
    assert owe(database) == []
    assert {each.state for each in owed_to(database, endpoint.id)} == {"held"}
    forget_hints(database)
    assert hinted(database) == []
    resume(database, endpoint.id)
    assert len(hinted(database)) == 2


def test_an_attempt_that_outlives_a_pause_ends_as_it_ends(database: Database) -> None:
    endpoint = owners_endpoint(database)
    good, bad = owe(database, 2)
    first, second = must_take(database, good), must_take(database, bad)
    pause(database, endpoint.id)
    record(database, first, state=DeliveryState.DELIVERED, outcome=DONE)
    record(database, second, delay=0.0)
    assert look(database, good).state == "delivered"
    # Pending, as it was under way; held as soon as it would be tried again.
    assert look(database, bad).state == "pending"
    assert take(database, bad) is None
    assert look(database, bad).state == "held"


def test_what_was_held_has_its_whole_schedule_before_it(database: Database) -> None:
    endpoint = owners_endpoint(database)
    (owed,) = owe(database)
    for _ in range(3):
        set_delivery(database, owed, next_attempt_at=0.0)
        record(database, must_take(database, owed), delay=9.0)
    pause(database, endpoint.id)
    resume(database, endpoint.id)
    taken = must_take(database, owed)
    assert (taken.number, taken.step) == (4, 1)


def test_what_was_held_just_after_a_resumption_is_let_go(database: Database) -> None:
    endpoint = owners_endpoint(database)
    (owed,) = owe(database)
    # As by a job's end that had read the endpoint before it was resumed.
    set_delivery(database, owed, state=DeliveryState.HELD.value)
    with database.transaction() as connection:
        assert endpoints.holding_needlessly(connection) == [endpoint.id]
        endpoints.release(connection, endpoint.id)
    assert take(database, owed) is not None


def test_a_success_of_before_does_not_enable_what_is_gone(database: Database) -> None:
    endpoint = owners_endpoint(database)
    good, gone = (must_take(database, each) for each in owe(database, 2))
    recorded = record(database, gone, state=DeliveryState.REFUSED, is_gone=True)
    assert recorded.disabled is not None
    record(database, good, state=DeliveryState.DELIVERED, outcome=DONE)
    assert look(database, good.id).state == "delivered"
    assert look_at_endpoint(database, endpoint.id).state == EndpointState.DISABLED


def test_only_one_of_two_disables(database: Database) -> None:
    owners_endpoint(database)
    taken = [must_take(database, each) for each in owe(database, 2)]
    recorded = [
        record(database, each, state=DeliveryState.REFUSED, is_gone=True)
        for each in taken
    ]
    assert [each.disabled is not None for each in recorded] == [True, False]


def test_a_success_begins_the_days_of_failure_anew(database: Database) -> None:
    endpoint = owners_endpoint(database)
    first, second, third = owe(database, 3)
    record(database, must_take(database, first), delay=60.0)
    assert look_at_endpoint(database, endpoint.id).failing_since is not None
    taken = must_take(database, second)
    record(database, taken, state=DeliveryState.DELIVERED, outcome=DONE)
    assert look_at_endpoint(database, endpoint.id).failing_since is None
    set_endpoint(database, endpoint.id, failing_since=now() - 4.9 * DAY_SECONDS)
    assert record(database, must_take(database, third), delay=0.0).disabled is None
    set_endpoint(database, endpoint.id, failing_since=now() - 5.1 * DAY_SECONDS)
    recorded = record(database, must_take(database, third), delay=0.0)
    assert recorded.disabled is not None
    with database.transaction() as connection:
        noted = notifications.note_disabled(connection, recorded.disabled)
    assert [each.notice.type for each in noted] == [
        EventType.WEBHOOK_DISABLED,
        EventType.NOTIFICATION_SENT,
    ]
    assert {each.delivery_ids for each in noted} == {()}


def test_a_jobs_own_webhook_that_is_gone_gets_nothing_more(database: Database) -> None:
    claimed = claim_new(database)
    events = (EventType.JOB_STARTED, EventType.JOB_SUCCEEDED)
    own = own_endpoint(database, claimed.job_id, events=events)
    (end,) = finish(database, claimed).delivery_ids
    recorded = record(
        database, must_take(database, end), state=DeliveryState.REFUSED, is_gone=True
    )
    assert recorded.disabled is not None
    with database.transaction() as connection:
        assert notifications.note_disabled(connection, recorded.disabled) == []
        # Whoever asks for it by hand has put it right.
        assert deliveries.resend(connection, end).state == "pending"
    assert look_at_endpoint(database, own).state == "active"
    assert must_take(database, end).trigger is Trigger.RESEND


def test_an_endpoint_that_is_deleted_under_an_attempt_takes_all_with_it(
    database: Database,
) -> None:
    endpoint = owners_endpoint(database)
    owed, _ = owe(database, 2)
    taken = must_take(database, owed)
    delete(database, endpoint.id)
    assert count(database, Delivery) == 0
    assert not record(database, taken, delay=1.0).is_owned
    assert count(database, DeliveryAttempt) == 0
    assert take(database, owed) is None


def test_a_job_ends_while_an_endpoint_of_its_owner_is_deleted(
    database: Database,
) -> None:
    endpoint = owners_endpoint(database)
    claimed = claim_new(database)
    is_deleting, ended = threading.Event(), threading.Event()
    told: list[tuple[str, ...]] = []

    def end() -> None:
        is_deleting.wait(30)
        told.append(finish(database, claimed).delivery_ids)
        ended.set()

    thread = threading.Thread(target=end)
    thread.start()
    with database.transaction() as connection:
        endpoints.delete_endpoint(connection, endpoint.id)
        is_deleting.set()
        # It waits for the deletion, on either database.
        assert not ended.wait(0.2)
    thread.join(30)
    assert told == [()]


def test_rotations_keep_few_secrets_and_those_of_attempts_under_way(
    database: Database,
) -> None:
    endpoint = owners_endpoint(database)
    (owed,) = owe(database)
    taken = must_take(database, owed)
    for number in range(MAX_OLD_SECRETS + 2):
        with database.transaction() as connection:
            rotated = endpoints.rotate(
                connection,
                endpoint.id,
                secret=f"whsec_{number}",
                keep_old_s=DAY_SECONDS,
            )
        signing = endpoints.Signing.read(rotated.secret, rotated.old_secrets)
        at = rotated.updated_at
        if number < MAX_OLD_SECRETS:
            # What is sent right now is signed with one that still counts.
            assert set(taken.signing.at(at)) < set(signing.at(at))
    assert len(signing.at(at)) == 1 + MAX_OLD_SECRETS
    assert signing.at(at)[0] == f"whsec_{MAX_OLD_SECRETS + 1}"
    assert len(signing.at(at + DAY_SECONDS + 1.0)) == 1
    with database.transaction() as connection:
        rotated = endpoints.rotate(
            connection, endpoint.id, secret="whsec_z", keep_old_s=0.0
        )
    assert rotated.old_secrets == "[]"


def test_recovering_owes_what_was_missed_and_can_still_be_told(
    database: Database,
) -> None:
    endpoint = owners_endpoint(database)
    failed, done, old, removed = owe(database, 4)
    for each in (failed, old, removed):
        record(database, must_take(database, each), state=DeliveryState.EXHAUSTED)
    taken = must_take(database, done)
    record(database, taken, state=DeliveryState.DELIVERED, outcome=DONE)
    set_delivery(database, old, created_at=now() - 3600.0)
    job_id = look(database, removed).job_id
    assert job_id is not None
    set_row(database, job_id, result_removed_at=now())
    with database.transaction() as connection:
        since = look(database, failed).created_at - 60.0
        assert endpoints.recover(connection, endpoint.id, since=since) == 1
    taken = must_take(database, failed)
    assert (taken.trigger, taken.number, taken.step) == (Trigger.RECOVER, 2, 1)
    # After the first the schedule goes on by itself.
    record(database, taken, delay=0.0)
    assert must_take(database, failed).trigger is Trigger.SCHEDULE


def test_what_is_being_sent_is_not_sent_again_by_hand(database: Database) -> None:
    owners_endpoint(database)
    (owed,) = owe(database)
    taken = must_take(database, owed)
    with database.transaction() as connection:
        deliveries.resend(connection, owed)
    assert record(database, taken, state=DeliveryState.DELIVERED, outcome=DONE).is_owned
    assert look(database, owed).state == "delivered"
