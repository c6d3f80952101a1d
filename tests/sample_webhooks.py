"""Webhooks that tests make, claim and look at again."""

from sqlalchemy import Connection, func, select, update

from db.contracts.delivery import (
    USUAL_OF_JOB,
    DeliveryState,
    Form,
    Mode,
    new_secret,
)
from db.contracts.event import EventType
from db.engine import Database
from db.models import Delivery, DeliveryAttempt, Endpoint, Notice
from db.repositories import claims, endpoints, outcomes
from db.repositories.claims import ClaimedDelivery
from db.repositories.endpoints import NewEndpoint
from db.repositories.outcomes import Outcome, Recorded, Rules, Verdict
from tests.sample_jobs import claim_new, finish

URL = "https://receiver.example/hook"
DAY_SECONDS = 86_400.0
RULES = Rules(disable_seconds=5 * 86_400.0)
SHARE = 4
FAILED = Outcome(12.5, status_code=500, response_head="no")
SILENT = Outcome(15_000.0, error="no whole answer within 15 s")
DONE = Outcome(5.0, status_code=204)


def own_endpoint(
    database: Database,
    job_id: str,
    *,
    url: str = URL,
    events: tuple[EventType, ...] = USUAL_OF_JOB,
) -> str:
    """Give a job a webhook of its own."""
    with database.transaction() as connection:
        return endpoints.add_job_endpoint(
            connection,
            job_id=job_id,
            owner="",
            url=url,
            secret=new_secret(),
            events=events,
        )


def owners_endpoint(
    database: Database,
    *,
    owner: str = "",
    url: str = URL,
    events: tuple[EventType, ...] = USUAL_OF_JOB,
    mode: Mode = Mode.PUSH,
    payload: Form = Form.THIN,
) -> Endpoint:
    """Make an endpoint of an owner; jobs of `sample_jobs` are the owner ``""``'s."""
    new = NewEndpoint(
        owner=owner,
        mode=mode,
        url="" if mode is Mode.PULL else url,
        secret=new_secret(),
        events=events,
        payload=payload,
    )
    with database.transaction() as connection:
        return endpoints.add_endpoint(connection, new, limit=20)


def take(
    database: Database, delivery_id: str, *, lease: float = 30.0, share: int = SHARE
) -> ClaimedDelivery | None:
    """Claim a delivery, if it may be claimed."""
    with database.transaction() as connection:
        return claims.claim_delivery(
            connection, delivery_id, lease_seconds=lease, share=share
        )


def must_take(database: Database, delivery_id: str) -> ClaimedDelivery:
    """Claim a delivery, which must be due and free."""
    taken = take(database, delivery_id)
    assert taken is not None
    return taken


def record(
    database: Database,
    taken: ClaimedDelivery,
    *,
    state: DeliveryState = DeliveryState.PENDING,
    delay: float | None = None,
    outcome: Outcome = FAILED,
    is_gone: bool = False,
) -> Recorded:
    """Write what came of an attempt."""
    verdict = Verdict(
        state,
        delay,
        is_reachable=outcome.status_code is not None,
        is_gone=is_gone,
    )
    with database.transaction() as connection:
        return write(connection, taken, outcome, verdict)


def write(
    connection: Connection, taken: ClaimedDelivery, outcome: Outcome, verdict: Verdict
) -> Recorded:
    return outcomes.record_attempt(connection, taken, outcome, verdict, RULES)


def set_delivery(database: Database, delivery_id: str, **values: object) -> None:
    """Write into a delivery's row as no repository would."""
    with database.transaction() as connection:
        chosen = update(Delivery).where(Delivery.id == delivery_id)
        connection.execute(chosen.values(values))


def set_endpoint(database: Database, endpoint_id: str, **values: object) -> None:
    """Write into an endpoint's row as no repository would."""
    with database.transaction() as connection:
        chosen = update(Endpoint).where(Endpoint.id == endpoint_id)
        connection.execute(chosen.values(values))


def look(database: Database, delivery_id: str) -> Delivery:
    """Return a delivery's row."""
    with database.reading() as connection:
        query = select(Delivery).where(Delivery.id == delivery_id)
        return Delivery(**connection.execute(query).mappings().one())


def look_at_endpoint(database: Database, endpoint_id: str) -> Endpoint:
    """Return an endpoint's row."""
    with database.reading() as connection:
        query = select(Endpoint).where(Endpoint.id == endpoint_id)
        return Endpoint(**connection.execute(query).mappings().one())


def owed_to(database: Database, endpoint_id: str) -> list[Delivery]:
    """Return all that was ever owed to an endpoint, in the order of its making."""
    with database.reading() as connection:
        query = select(Delivery).where(Delivery.endpoint_id == endpoint_id)
        rows = connection.execute(query.order_by(Delivery.created_at)).mappings()
        return [Delivery(**row) for row in rows]


def hinted(database: Database, *, limit: int = 10, share: int = SHARE) -> list[str]:
    """Return what the reconciler would have couriers told of."""
    with database.transaction() as connection:
        return claims.hint_due(connection, limit=limit, share=share)


def owe(database: Database, count: int = 1) -> list[str]:
    """End so many jobs; return the deliveries that couriers are told of."""
    owed: list[str] = []
    for _ in range(count):
        owed += finish(database, claim_new(database)).delivery_ids
    return owed


def forget_hints(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(update(Delivery).values(hinted_until=0.0))


def count(database: Database, table: type[Delivery | DeliveryAttempt | Notice]) -> int:
    with database.reading() as connection:
        query = select(func.count()).select_from(table)
        return connection.execute(query).scalar_one()


def pause(database: Database, endpoint_id: str) -> Endpoint:
    with database.transaction() as connection:
        return endpoints.pause(connection, endpoint_id)
