"""Which delivery is made next: no receiver delays another, none is forgotten."""

import threading
from collections.abc import Callable

from sqlalchemy import select, update

from db.contracts.delivery import (
    DeliveryState,
    Mode,
)
from db.engine import Database, now
from db.models import Delivery, Notice, Receiver
from db.repositories import claims, deliveries, endpoints, notices, outcomes
from db.repositories.outcomes import OPENS_AFTER
from tests.sample_jobs import (
    claim_new,
    finish,
)
from tests.sample_webhooks import (
    DONE,
    SILENT,
    count,
    forget_hints,
    hinted,
    look,
    must_take,
    owe,
    owed_to,
    own_endpoint,
    owners_endpoint,
    pause,
    record,
    set_delivery,
    take,
)


def test_a_receiver_gets_only_its_share_at_once(database: Database) -> None:
    owners_endpoint(database)
    owed = owe(database, 6)
    taken = [take(database, each, share=2) for each in owed]
    assert [each is not None for each in taken] == [True, True] + 4 * [False]
    # What had to wait is hinted again as soon as there is room, and not before.
    assert hinted(database, share=2) == []
    assert taken[0] is not None
    recorded = record(database, taken[0], state=DeliveryState.DELIVERED, outcome=DONE)
    assert recorded.next_ids == (owed[2],)


def test_webhooks_of_single_jobs_share_what_their_host_gets(
    database: Database,
) -> None:
    owed = []
    for number in range(3):
        claimed = claim_new(database)
        url = f"https://receiver.example/hook?job={number}"
        own_endpoint(database, claimed.job_id, url=url)
        owed += finish(database, claimed).delivery_ids
    taken = [take(database, each, share=1) for each in owed]
    assert [each is not None for each in taken] == [True, False, False]


def test_owners_do_not_share_a_receiver(database: Database) -> None:
    assert endpoints.receiver_of("a", "https://x.example/1") == endpoints.receiver_of(
        "a", "https://x.example:443/2"
    )
    assert endpoints.receiver_of("a", "https://x.example") != endpoints.receiver_of(
        "b", "https://x.example"
    )
    assert endpoints.receiver_of("a", "https://x.example") != endpoints.receiver_of(
        "a", "https://x.example:8443"
    )


def test_couriers_that_claim_at_once_keep_to_the_share(database: Database) -> None:
    owners_endpoint(database)
    owed = owe(database, 8)
    together = threading.Barrier(len(owed))
    got: list[object] = []

    def contend(delivery_id: str) -> None:
        together.wait(30)
        got.append(take(database, delivery_id, share=3))

    run_all([lambda each=each: contend(each) for each in owed])
    assert sum(each is not None for each in got) == 3


def run_all(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_many_that_wait_for_one_receiver_do_not_hide_others(
    database: Database,
) -> None:
    owners_endpoint(database, url="https://slow.example/")
    first = owe(database, 12)
    quick = owners_endpoint(database, url="https://quick.example/")
    owe(database)
    forget_hints(database)
    found = hinted(database, limit=5, share=4)
    (its,) = owed_to(database, quick.id)
    assert its.id in found
    assert set(found) - {its.id} == set(first[:4])


def silence(database: Database, delivery_id: str) -> None:
    """Make an attempt that gets no answer."""
    set_delivery(database, delivery_id, next_attempt_at=0.0)
    record(database, must_take(database, delivery_id), delay=0.0, outcome=SILENT)


def test_a_receiver_that_does_not_answer_is_left_alone_for_a_while(
    database: Database,
) -> None:
    owners_endpoint(database)
    dead, other, last = owe(database, 3)
    silence(database, dead)
    # One at a time after the first.
    assert take(database, dead) is not None
    assert take(database, other) is None
    set_delivery(database, dead, lease_until=0.0)
    for _ in range(OPENS_AFTER - 1):
        silence(database, dead)
    forget_hints(database)
    assert take(database, other) is None
    assert hinted(database) == []
    # What somebody waits for passes.
    with database.transaction() as connection:
        deliveries.resend(connection, last)
    assert hinted(database) == [last]
    taken = must_take(database, last)
    assert taken.is_troubled
    record(database, taken, state=DeliveryState.DELIVERED, outcome=DONE)
    # It answered: all is well.
    assert take(database, other) is not None
    assert take(database, dead) is not None
    with database.reading() as connection:
        assert connection.execute(select(Receiver.id)).all() == []


def test_an_answer_however_bad_opens_no_circuit(database: Database) -> None:
    owners_endpoint(database)
    first, second = owe(database, 2)
    for _ in range(OPENS_AFTER + 1):
        set_delivery(database, first, next_attempt_at=0.0)
        record(database, must_take(database, first), delay=60.0)
    assert take(database, second) is not None


def test_a_circuit_opens_longer_each_time_up_to_ten_minutes(
    database: Database,
) -> None:
    owners_endpoint(database)
    (owed,) = owe(database)
    waits = []
    for _ in range(OPENS_AFTER + 8):
        silence(database, owed)
        with database.transaction() as connection:
            wait = connection.execute(select(Receiver.open_until - now())).scalar_one()
            waits.append(wait)
            connection.execute(update(Receiver).values(open_until=0.0))
    assert waits[OPENS_AFTER - 2] < 0
    opened = waits[OPENS_AFTER - 1 :]
    rounded = [round(each) for each in opened]
    assert rounded[:3] == [15, 30, 60]
    assert rounded == sorted(rounded)
    assert rounded[-1] == 600


def test_what_nobody_takes_is_given_up_some_day(database: Database) -> None:
    endpoint = owners_endpoint(database)
    fetched = owners_endpoint(database, mode=Mode.PULL)
    owe(database, 2)
    pause(database, endpoint.id)
    pushed = owners_endpoint(database, url="https://b.example/")
    owe(database)
    late = [owed_to(database, each.id)[0] for each in (endpoint, fetched)]
    for each in late:
        set_delivery(database, each.id, created_at=now() - 3600.0)
    with database.transaction() as connection:
        assert deliveries.expire_owed(connection, older_than_seconds=1800.0) == 2
    assert {look(database, each.id).state for each in late} == {"expired"}
    assert [each.state for each in owed_to(database, pushed.id)] == ["pending"]


def test_notices_go_when_nobody_is_owed_them(database: Database) -> None:
    endpoint = owners_endpoint(database)
    with database.transaction() as connection:
        test = notices.note_test(connection, endpoint)
    record(database, must_take(database, test), state=DeliveryState.EXHAUSTED)
    set_delivery(database, test, created_at=1.0)
    for _ in range(2):
        with database.transaction() as connection:
            connection.execute(update(Notice).values(time=1.0))
            deliveries.forget_of_notices(connection, older_than_seconds=60.0)
            notices.forget_notices(connection, older_than_seconds=60.0)
    assert count(database, Delivery) == 0
    assert count(database, Notice) == 0


def test_silent_receivers_are_forgotten(database: Database) -> None:
    owners_endpoint(database)
    (owed,) = owe(database)
    silence(database, owed)
    with database.transaction() as connection:
        outcomes.forget_receivers(connection, older_than_seconds=60.0)
        assert len(connection.execute(select(Receiver.id)).all()) == 1
        outcomes.forget_receivers(connection, older_than_seconds=-60.0)
        assert connection.execute(select(Receiver.id)).all() == []


def test_what_an_owner_fetches_no_one_else_gets(database: Database) -> None:
    endpoint = owners_endpoint(database, mode=Mode.PULL)
    assert owe(database, 3) == []
    forget_hints(database)
    assert hinted(database) == []
    got: list[str] = []
    together = threading.Barrier(2)

    def fetch() -> None:
        together.wait(30)
        with database.transaction() as connection:
            taken = claims.claim_for_owner(
                connection, endpoint, limit=2, lease_seconds=30.0
            )
        got.extend(each.id for each in taken)

    run_all([fetch, fetch])
    assert len(got) == len(set(got)) == 3
