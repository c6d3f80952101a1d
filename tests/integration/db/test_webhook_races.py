"""Everything that may happen to webhooks at once, and what must hold afterwards.

`WEBHOOK_RACES` is how many jobs end meanwhile.
"""

import os
import threading
from collections.abc import Callable
from contextlib import suppress

import numpy as np
from sqlalchemy import delete, func, select, update

from db.contracts.delivery import OWED, DeliveryState
from db.contracts.errors import NotFoundError
from db.engine import Database, now
from db.models import Delivery, DeliveryAttempt, Endpoint, Job, Receiver
from db.repositories import claims, deliveries, endpoints, kept, notifications
from tests.sample_jobs import claim_new, finish
from tests.sample_webhooks import (
    DONE,
    FAILED,
    SILENT,
    own_endpoint,
    owners_endpoint,
    record,
    take,
)

JOBS = int(os.environ.get("WEBHOOK_RACES", "12"))
COURIERS = 4
SHARE = 2


class Bustle:
    """Threads that do as they like until all jobs have ended."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.lasting = [
            owners_endpoint(database, url=f"https://{name}.example/").id
            for name in ("a", "b")
        ]
        self.faults: list[BaseException] = []
        self.heard: list[str] = []
        self.lasting_jobs: list[str] = []
        self._is_over = threading.Event()

    def run(self) -> None:
        acts = [self._end_jobs, *[self._deliver] * COURIERS]
        acts += [
            self._reconcile,
            self._reconcile,
            self._pause_and_resume,
            self._make_and_delete,
            self._ask_by_hand,
        ]
        threads = [
            threading.Thread(target=self._guarded, args=(act, seed))
            for seed, act in enumerate(acts)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _guarded(self, act: Callable[[np.random.Generator], None], seed: int) -> None:
        chance = np.random.default_rng(seed)
        try:
            while not self._is_over.is_set():
                act(chance)
        except BaseException as error:
            self.faults.append(error)
            self._is_over.set()

    def _end_jobs(self, chance: np.random.Generator) -> None:
        claimed = claim_new(self.database)
        if chance.random() < 0.3:
            own_endpoint(self.database, claimed.job_id, url="https://a.example/own")
        finish(self.database, claimed)
        if chance.random() < 0.2:
            with self.database.transaction() as connection:
                kept.delete_ended(connection, [claimed.job_id])
        else:
            self.lasting_jobs.append(claimed.job_id)
        if len(self.lasting_jobs) >= JOBS:
            self._is_over.set()

    def _lasting(self, chance: np.random.Generator) -> str:
        return self.lasting[int(chance.integers(2))]

    def _deliver(self, chance: np.random.Generator) -> None:
        with self.database.reading() as connection:
            query = select(Delivery.id).where(
                Delivery.state == DeliveryState.PENDING.value,
                Delivery.lease_until < now(),
            )
            found = connection.execute(query.order_by(func.random()).limit(3))
            chosen = list(found.scalars())
        for delivery_id in chosen:
            self.attempt(delivery_id, chance.random())

    def _reconcile(self, _: np.random.Generator) -> None:
        with self.database.transaction() as connection:
            connection.execute(update(Receiver).values(open_until=0.0))
        with self.database.transaction() as connection:
            claims.hint_due(connection, limit=9, share=SHARE)
        with self.database.reading() as connection:
            held = endpoints.holding_needlessly(connection)
        for endpoint_id in held:
            with self.database.transaction() as connection:
                endpoints.release(connection, endpoint_id)
        with self.database.transaction() as connection:
            deliveries.expire_owed(connection, older_than_seconds=0.05)

    def attempt(self, delivery_id: str, luck: float) -> None:
        taken = take(self.database, delivery_id, share=SHARE)
        if taken is None:
            return
        if luck < 0.5:
            state = DeliveryState.DELIVERED
            record(self.database, taken, state=state, outcome=DONE)
            self.heard.append(delivery_id)
        elif luck < 0.55:
            state = DeliveryState.REFUSED
            recorded = record(self.database, taken, state=state, is_gone=True)
            if recorded.disabled is not None:
                with self.database.transaction() as connection:
                    notifications.note_disabled(connection, recorded.disabled)
        elif luck < 0.8:
            record(self.database, taken, delay=0.0, outcome=FAILED)
        else:
            record(self.database, taken, delay=0.0, outcome=SILENT)

    def _pause_and_resume(self, chance: np.random.Generator) -> None:
        with self.database.transaction() as connection:
            act = endpoints.pause if chance.random() < 0.5 else endpoints.resume
            act(connection, self._lasting(chance))
        with self.database.transaction() as connection:
            endpoints.rotate(
                connection,
                self._lasting(chance),
                secret=f"whsec_{chance.random()}",
                keep_old_s=60.0,
            )

    def _make_and_delete(self, chance: np.random.Generator) -> None:
        passing = owners_endpoint(self.database, url="https://c.example/").id
        with self.database.transaction() as connection:
            endpoints.change_endpoint(
                connection,
                passing,
                {"url": f"https://{'ab'[int(chance.integers(2))]}.example/"},
            )
        with self.database.transaction() as connection:
            endpoints.delete_endpoint(connection, passing)

    def _ask_by_hand(self, chance: np.random.Generator) -> None:
        with self.database.transaction() as connection:
            endpoints.recover(connection, self._lasting(chance), since=0.0)
        with self.database.reading() as connection:
            query = select(Delivery.id).order_by(func.random()).limit(1)
            delivery_id = connection.execute(query).scalar_one_or_none()
        with suppress(NotFoundError), self.database.transaction() as connection:
            deliveries.resend(connection, delivery_id or "")

    def settle(self) -> None:
        """Let all that is owed arrive."""
        for endpoint_id in self.lasting:
            with self.database.transaction() as connection:
                endpoints.resume(connection, endpoint_id)
                endpoints.recover(connection, endpoint_id, since=0.0)
                connection.execute(delete(Receiver))
        while True:
            with self.database.transaction() as connection:
                connection.execute(update(Delivery).values(hinted_until=0.0))
                found = claims.hint_due(connection, limit=50, share=SHARE)
            if not found:
                return
            for delivery_id in found:
                self.attempt(delivery_id, 0.0)


def test_whatever_happens_at_once_nothing_is_lost(database: Database) -> None:
    bustle = Bustle(database)
    bustle.run()
    assert [repr(each.__cause__ or each) for each in bustle.faults] == []
    bustle.settle()
    with database.reading() as connection:
        of_owner = select(Delivery.id, Delivery.state, Delivery.job_id).join(
            Endpoint, Endpoint.id == Delivery.endpoint_id
        )
        rows = connection.execute(
            of_owner.where(Endpoint.owner.is_not(None), Delivery.job_id.is_not(None))
        ).all()
        owed = connection.execute(
            select(func.count()).where(Delivery.state.in_(OWED))
        ).scalar_one()
        leased = connection.execute(
            select(func.count()).where(Delivery.lease_until > now())
        ).scalar_one()
        tries = connection.execute(select(func.sum(Delivery.tries))).scalar_one()
        attempts = connection.execute(
            select(func.count()).select_from(DeliveryAttempt)
        ).scalar_one()
        jobs = set(connection.execute(select(Job.id)).scalars())
    # Each end once for each of the two that were there all the time, and told.
    expected = sorted([*bustle.lasting_jobs, *bustle.lasting_jobs])
    assert set(bustle.lasting_jobs) <= jobs
    assert sorted(row.job_id for row in rows) == expected
    assert {row.state for row in rows} == {"delivered"}
    assert {row.id for row in rows} <= set(bustle.heard)
    # Every claim is an attempt that is on record, and nothing is left over.
    assert (owed, leased) == (0, 0)
    assert attempts == tries
