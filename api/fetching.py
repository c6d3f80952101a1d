"""Webhooks of mode ``pull``: their owners make the requests."""

import logging
from datetime import UTC, datetime

from api.instances import invalid
from api.schemas.endpoint import FetchedPage, FetchedView, OutcomeInput
from db.backplane import Backplane
from db.contracts.delivery import DeliveryState, Mode
from db.contracts.errors import (
    NotFoundError,
    ResultGoneError,
    StreamUnavailableError,
)
from db.repositories import claims, deliveries, endpoints
from db.repositories.claims import ClaimedDelivery, claimed_of
from db.repositories.outcomes import Outcome, Verdict
from db.webhooks import outcome as outcomes
from db.webhooks import sign
from db.webhooks.body import body_of

logger = logging.getLogger(__name__)

FETCHED_SECONDS = 60.0
LOG_AWAY_SECONDS = 2.0


def fetch(backplane: Backplane, endpoint_id: str, *, limit: int) -> FetchedPage:
    """Claim what is due, for a minute each."""
    with backplane.database.transaction() as connection:
        endpoint = endpoints.get_endpoint(connection, endpoint_id)
        if endpoint.mode != Mode.PULL:
            raise invalid(
                "#",
                "this webhook has a URL, and couriers send to it",
                "Make one with mode pull.",
            )
        taken = claims.claim_for_owner(
            connection, endpoint, limit=limit, lease_seconds=FETCHED_SECONDS
        )
    made = (_fetched(backplane, each) for each in taken)
    return FetchedPage(items=[each for each in made if each is not None])


def _fetched(backplane: Backplane, claimed: ClaimedDelivery) -> FetchedView | None:
    try:
        body = body_of(backplane, claimed)
    except StreamUnavailableError:
        with backplane.database.transaction() as connection:
            claims.postpone(connection, claimed, seconds=LOG_AWAY_SECONDS)
        return None
    except (NotFoundError, ResultGoneError) as error:
        gone = Outcome(0.0, error=error.message)
        outcomes.write(backplane, claimed, gone, Verdict(DeliveryState.EXPIRED))
        return None
    headers = sign.headers(
        claimed.signing.at(claimed.started_at),
        message_id=claimed.id,
        timestamp=datetime.now(UTC),
        body=body,
    )
    return FetchedView(
        id=claimed.id,
        number=claimed.number,
        event_type=claimed.event_type,
        headers=headers,
        body=body.decode(),
    )


def settle_fetched(backplane: Backplane, delivery_id: str, given: OutcomeInput) -> None:
    """Record what its owner says came of the attempt that it fetched."""
    if (given.status_code is None) == (given.error is None):
        raise invalid(
            "#/status_code",
            "an outcome is either a status code or an error",
            "Send status_code if there was an answer, else error.",
        )
    with backplane.database.reading() as connection:
        delivery = deliveries.get_delivery(connection, delivery_id)
        if delivery.mode != Mode.PULL or delivery.tries != given.number:
            raise invalid(
                "#/number", "this attempt is not yours", "Fetch deliveries again."
            )
        if delivery.lease_until == 0.0:
            # Said before: an answer was lost on its way.
            return
        endpoint = endpoints.get_endpoint(connection, delivery.endpoint_id)
    claimed = claimed_of(
        delivery,
        endpoint,
        started_at=max(0.0, delivery.lease_until - FETCHED_SECONDS),
        is_troubled=False,
    )
    outcome = Outcome(
        given.duration_ms, given.status_code, given.error, given.response_head
    )
    outcomes.write(backplane, claimed, outcome, outcomes.judge(claimed, outcome))
