"""Make one delivery attempt: one HTTP request, one row."""

import json
import logging
import secrets
import time
from datetime import UTC, datetime
from functools import lru_cache

import httpx2

from db.backplane import Backplane
from db.contracts.delivery import DeliveryState
from db.contracts.errors import NotFoundError, StreamUnavailableError
from db.contracts.metric import WEBHOOK_ATTEMPTS
from db.contracts.webhook_address import AllowList, ForbiddenAddressError
from db.repositories import deliveries
from db.repositories.deliveries import ClaimedDelivery, Outcome
from db.tracing import Role, span
from worker.webhooks import client as http
from worker.webhooks import sign
from worker.webhooks.backoff import next_delay, retry_after
from worker.webhooks.connection import DeliveryError

logger = logging.getLogger(__name__)

LEASE_MARGIN_SECONDS = 15.0
LOG_AWAY_SECONDS = 2.0
RESPONSE_HEAD_BYTES = 1024
GONE = 410
TRY_LATER = frozenset({429, 503})


def deliver(backplane: Backplane, delivery_id: str) -> None:
    """Send the event, record what came of it, and plan what follows."""
    settings = backplane.settings
    with backplane.database.transaction() as connection:
        claimed = deliveries.claim_delivery(
            connection,
            delivery_id,
            lease_seconds=settings.webhook_timeout_seconds + LEASE_MARGIN_SECONDS,
        )
    if claimed is None:
        return
    body = _event_body(backplane, claimed)
    if body is None:
        with backplane.database.transaction() as connection:
            deliveries.postpone(connection, claimed, seconds=LOG_AWAY_SECONDS)
        return
    with span(
        settings,
        "webhook.deliver",
        parent=json.loads(body).get("traceparent"),
        role=Role.CLIENT,
        facts={"job_id": claimed.job_id, "number": claimed.number},
    ) as measured:
        outcome, state, delay_seconds = _attempt(
            claimed,
            body,
            _client(settings.webhook_allow_cidrs, settings.webhook_timeout_seconds),
            traceparent=measured.traceparent,
        )
        measured.tell(result=_result(outcome, state))
    scale = settings.webhook_backoff_scale
    with backplane.database.transaction() as connection:
        deliveries.record_attempt(
            connection,
            claimed,
            outcome,
            state=state,
            delay_seconds=None if delay_seconds is None else delay_seconds * scale,
        )
    backplane.meter.count(WEBHOOK_ATTEMPTS, _result(outcome, state))
    logger.info(
        "delivery attempted",
        extra={
            "action": "delivery_attempted",
            "delivery_id": delivery_id,
            "number": claimed.number,
            "state": state.value,
            "status_code": outcome.status_code,
        },
    )


def _event_body(backplane: Backplane, claimed: ClaimedDelivery) -> bytes | None:
    """Return the event as the log has it; None while Redis is away, or the job gone.

    The receiver gets the same bytes, with the same number, as every other reader.
    """
    try:
        page = backplane.log.read(claimed.job_id)
        while page.events and not page.events[-1].type.is_terminal:
            page = backplane.log.read(claimed.job_id, after=page.events[-1].sequence)
    except (StreamUnavailableError, NotFoundError):
        return None
    return page.events[-1].body.encode() if page.events else None


def _attempt(
    claimed: ClaimedDelivery,
    body: bytes,
    client: httpx2.Client,
    *,
    traceparent: str | None,
) -> tuple[Outcome, DeliveryState, float | None]:
    now = datetime.now(UTC)
    headers = sign.headers(
        [claimed.secret], message_id=claimed.id, timestamp=now, body=body
    )
    headers["content-type"] = "application/cloudevents+json"
    if traceparent is not None:
        headers["traceparent"] = traceparent
    started = time.monotonic()
    try:
        answer = http.post(client, claimed.url, content=body, headers=headers)
    except ForbiddenAddressError as error:
        outcome = Outcome(_ms_since(started), error=str(error))
        return outcome, DeliveryState.REFUSED, None
    except DeliveryError as error:
        state, delay = _after_failure(claimed.number)
        return Outcome(_ms_since(started), error=str(error)), state, delay
    outcome = Outcome(
        duration_ms=answer.duration_ms,
        status_code=answer.status,
        response_head=_text(answer.body_head),
    )
    if httpx2.codes.is_success(answer.status):
        return outcome, DeliveryState.DELIVERED, None
    if answer.status == GONE:
        return outcome, DeliveryState.REFUSED, None
    state, delay = _after_failure(claimed.number)
    wished = (
        retry_after(answer.retry_after, now) if answer.status in TRY_LATER else None
    )
    if delay is not None and wished is not None:
        delay = max(delay, wished.total_seconds())
    return outcome, state, delay


def _result(outcome: Outcome, state: DeliveryState) -> str:
    """Return what the numbers call the outcome of one request."""
    if state is DeliveryState.DELIVERED:
        return "delivered"
    if outcome.status_code is None:
        return "forbidden" if state is DeliveryState.REFUSED else "unreachable"
    return f"{outcome.status_code // 100}xx"


def _ms_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)


def _after_failure(tries: int) -> tuple[DeliveryState, float | None]:
    delay = next_delay(tries, jitter=secrets.randbelow(1000) / 1000)
    if delay is None:
        return DeliveryState.EXHAUSTED, None
    return DeliveryState.PENDING, delay.total_seconds()


def _text(body: bytes) -> str:
    # PostgreSQL refuses the NUL character in text.
    head = body[:RESPONSE_HEAD_BYTES].decode("utf-8", "replace")
    return head.replace("\x00", "\N{REPLACEMENT CHARACTER}")


@lru_cache(maxsize=1)
def _client(allow_cidrs: tuple[str, ...], timeout_seconds: float) -> httpx2.Client:
    return http.client(AllowList(allow_cidrs), timeout_seconds)
