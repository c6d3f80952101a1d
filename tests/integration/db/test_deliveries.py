"""What is owed to webhooks: claimed by one, counted once, never forgotten."""

import threading

import pytest
from sqlalchemy import select, update

from db.contracts.delivery import DeliveryState
from db.engine import Database, now
from db.models import Delivery
from db.repositories import deliveries
from db.repositories.deliveries import ClaimedDelivery, Outcome
from tests.sample_jobs import claim_new, finish

URL = "https://receiver.example/hook"


@pytest.fixture
def owed(database: Database) -> str:
    claimed = claim_new(database)
    with database.transaction() as connection:
        deliveries.add_endpoint(
            connection, job_id=claimed.job_id, url=URL, secret="whsec_x"
        )
    ending = finish(database, claimed)
    with database.transaction() as connection:
        (delivery_id,) = deliveries.plan_deliveries(connection, ending)
    return delivery_id


def take(
    database: Database, delivery_id: str, *, lease: float = 30.0
) -> ClaimedDelivery | None:
    with database.transaction() as connection:
        return deliveries.claim_delivery(connection, delivery_id, lease_seconds=lease)


def record(
    database: Database,
    taken: ClaimedDelivery,
    *,
    state: DeliveryState = DeliveryState.PENDING,
    delay: float | None = None,
    outcome: Outcome | None = None,
) -> bool:
    with database.transaction() as connection:
        return deliveries.record_attempt(
            connection,
            taken,
            outcome or Outcome(12.5, status_code=500, response_head="no"),
            state=state,
            delay_seconds=delay,
        )


def set_delivery(database: Database, delivery_id: str, **values: object) -> None:
    with database.transaction() as connection:
        chosen = update(Delivery).where(Delivery.id == delivery_id)
        connection.execute(chosen.values(values))


def look(database: Database, delivery_id: str) -> Delivery:
    with database.reading() as connection:
        query = select(Delivery).where(Delivery.id == delivery_id)
        return Delivery(**connection.execute(query).mappings().one())


def hinted(database: Database) -> list[str]:
    with database.transaction() as connection:
        return deliveries.hint_due(connection, limit=10)


def test_a_job_without_an_endpoint_owes_nothing(database: Database) -> None:
    ending = finish(database, claim_new(database))
    with database.transaction() as connection:
        assert deliveries.plan_deliveries(connection, ending) == []


def test_a_claim_knows_where_to_and_what(database: Database, owed: str) -> None:
    taken = take(database, owed)
    assert taken is not None
    assert (taken.url, taken.secret, taken.number) == (URL, "whsec_x", 1)
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
    assert record(database, taken, delay=60.0)
    assert take(database, owed) is None
    kept = look(database, owed)
    assert (kept.state, kept.tries, kept.finished_at) == ("pending", 1, None)
    with database.reading() as connection:
        (attempt,) = deliveries.attempts_of(connection, owed)
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
    assert record(database, taken, state=state)
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
    assert not record(database, stale, state=DeliveryState.EXHAUSTED)
    assert look(database, owed).state == DeliveryState.PENDING
    assert record(database, current, state=DeliveryState.DELIVERED)
    with database.reading() as connection:
        made = [attempt.number for attempt in deliveries.attempts_of(connection, owed)]
    assert made == [1, 2]


def test_what_was_put_off_does_not_count_as_tried(
    database: Database, owed: str
) -> None:
    taken = take(database, owed)
    assert taken is not None
    with database.transaction() as connection:
        deliveries.postpone(connection, taken, seconds=-1.0)
    again = take(database, owed)
    assert again is not None
    assert again.number == 1


def test_a_stale_attempt_puts_nothing_off(database: Database, owed: str) -> None:
    stale = take(database, owed, lease=-1.0)
    take(database, owed)
    assert stale is not None
    with database.transaction() as connection:
        deliveries.postpone(connection, stale, seconds=-1.0)
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
    with database.reading() as connection:
        found = deliveries.deliveries_of(connection, job_id)
        assert [delivery.id for delivery in found] == [owed]
