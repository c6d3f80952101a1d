"""What is owed to webhooks: claimed by one, counted once, never forgotten."""

import threading

import pytest

from db.contracts.delivery import DeliveryState
from db.engine import Database, now
from db.repositories import claims, deliveries
from db.repositories.claims import ClaimedDelivery
from tests.sample_jobs import claim_new, finish
from tests.sample_webhooks import (
    URL,
    hinted,
    look,
    look_at_endpoint,
    own_endpoint,
    record,
    set_delivery,
    take,
)


@pytest.fixture
def owed(database: Database) -> str:
    claimed = claim_new(database)
    own_endpoint(database, claimed.job_id)
    (delivery_id,) = finish(database, claimed).delivery_ids
    return delivery_id


def test_a_job_without_an_endpoint_owes_nothing(database: Database) -> None:
    assert finish(database, claim_new(database)).delivery_ids == ()


def test_a_claim_knows_where_to_and_what(database: Database, owed: str) -> None:
    taken = take(database, owed)
    assert taken is not None
    secret = look_at_endpoint(database, taken.endpoint_id).secret
    assert (taken.url, taken.signing.at(0.0), taken.number) == (URL, [secret], 1)
    assert taken.ordinal == 3


def test_a_delivery_is_made_by_one_at_a_time(database: Database, owed: str) -> None:
    together = threading.Barrier(4)
    got: list[ClaimedDelivery | None] = []

    def contend() -> None:
        together.wait(30)
        got.append(take(database, owed))

    threads = [threading.Thread(target=contend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one is not None for one in got) == 1


def test_an_unknown_delivery_cannot_be_claimed(database: Database) -> None:
    assert take(database, "msg_none") is None


def test_an_attempt_that_fell_silent_is_followed_by_another(
    database: Database, owed: str
) -> None:
    take(database, owed, lease=-1.0)
    second = take(database, owed)
    assert second is not None
    assert second.number == 2


def test_a_failed_attempt_is_recorded_and_planned_again(
    database: Database, owed: str
) -> None:
    taken = take(database, owed)
    assert taken is not None
    assert record(database, taken, delay=60.0).is_owned
    assert take(database, owed) is None
    kept = look(database, owed)
    assert (kept.state, kept.tries, kept.finished_at) == ("pending", 1, None)
    with database.reading() as connection:
        ((attempt,),) = deliveries.attempts_of(connection, [owed]).values()
    assert (attempt.number, attempt.status_code, attempt.response_head) == (
        1,
        500,
        "no",
    )


@pytest.mark.parametrize(
    "state",
    [DeliveryState.DELIVERED, DeliveryState.EXHAUSTED, DeliveryState.REFUSED],
)
def test_an_ended_delivery_stays_as_it_is(
    database: Database, owed: str, state: DeliveryState
) -> None:
    taken = take(database, owed)
    assert taken is not None
    assert record(database, taken, state=state).is_owned
    kept = look(database, owed)
    assert kept.state == state
    assert kept.finished_at is not None
    assert take(database, owed) is None
    set_delivery(database, owed, hinted_until=0.0)
    assert hinted(database) == []


def test_what_a_stale_attempt_learned_is_kept_but_changes_nothing(
    database: Database, owed: str
) -> None:
    stale = take(database, owed, lease=-1.0)
    current = take(database, owed)
    assert stale is not None
    assert current is not None
    assert not record(database, stale, state=DeliveryState.EXHAUSTED).is_owned
    assert look(database, owed).state == DeliveryState.PENDING
    assert record(database, current, state=DeliveryState.DELIVERED).is_owned
    with database.reading() as connection:
        (kept,) = deliveries.attempts_of(connection, [owed]).values()
    made = [attempt.number for attempt in kept]
    assert made == [1, 2]


def test_what_was_put_off_does_not_count_as_tried(
    database: Database, owed: str
) -> None:
    taken = take(database, owed)
    assert taken is not None
    with database.transaction() as connection:
        claims.postpone(connection, taken, seconds=-1.0)
    again = take(database, owed)
    assert again is not None
    assert again.number == 1


def test_a_stale_attempt_puts_nothing_off(database: Database, owed: str) -> None:
    stale = take(database, owed, lease=-1.0)
    take(database, owed)
    assert stale is not None
    with database.transaction() as connection:
        claims.postpone(connection, stale, seconds=-1.0)
    assert look(database, owed).tries == 2
    assert take(database, owed) is None


def test_a_due_delivery_is_hinted_once_in_a_while(
    database: Database, owed: str
) -> None:
    # Whoever ended the job has sent the first hint.
    assert hinted(database) == []
    set_delivery(database, owed, hinted_until=0.0)
    assert hinted(database) == [owed]
    assert hinted(database) == []


def test_what_is_not_due_or_being_made_is_not_hinted(
    database: Database, owed: str
) -> None:
    set_delivery(database, owed, hinted_until=0.0, next_attempt_at=now() + 60.0)
    assert hinted(database) == []
    set_delivery(database, owed, next_attempt_at=0.0, lease_until=now() + 60.0)
    assert hinted(database) == []


def test_a_jobs_deliveries_are_found(database: Database, owed: str) -> None:
    job_id = look(database, owed).job_id
    assert job_id is not None
    with database.reading() as connection:
        found = deliveries.deliveries_of(connection, job_id)
        assert [delivery.id for delivery in found] == [owed]
