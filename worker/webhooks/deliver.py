"""Make one delivery attempt: one HTTP request, one row."""

import json
import logging
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import httpx2

from db.backplane import Backplane
from db.contracts.delivery import DeliveryState
from db.contracts.errors import (
    NotFoundError,
    ResultGoneError,
    StreamUnavailableError,
)
from db.contracts.webhook_address import AllowList, ForbiddenAddressError
from db.guarded_http import client as http
from db.guarded_http.connection import NoAnswerError
from db.repositories import claims
from db.repositories.claims import ClaimedDelivery
from db.repositories.outcomes import Outcome, Verdict
from db.tracing import Role, span
from db.webhooks import outcome as outcomes
from db.webhooks import sign
from db.webhooks.backoff import retry_after
from db.webhooks.body import body_of

logger = logging.getLogger(__name__)

LEASE_MARGIN_SECONDS = 15.0
LOG_AWAY_SECONDS = 2.0
RESPONSE_HEAD_BYTES = 1024


def deliver(backplane: Backplane, delivery_id: str) -> None:
    """Send the event, record what came of it, and plan what follows."""
    settings = backplane.settings
    with backplane.database.transaction() as connection:
        claimed = claims.claim_delivery(
            connection,
            delivery_id,
            lease_seconds=settings.webhook_timeout_seconds + LEASE_MARGIN_SECONDS,
            share=settings.webhook_share,
        )
    if claimed is None:
        return
    try:
        body = body_of(backplane, claimed)
    except StreamUnavailableError:
        with backplane.database.transaction() as connection:
            claims.postpone(connection, claimed, seconds=LOG_AWAY_SECONDS)
        return
    except (NotFoundError, ResultGoneError) as error:
        gone = Outcome(0.0, error=error.message)
        outcomes.write(backplane, claimed, gone, Verdict(DeliveryState.EXPIRED))
        return
    with span(
        settings,
        "webhook.deliver",
        parent=json.loads(body).get("traceparent"),
        role=Role.CLIENT,
        facts={"job_id": claimed.job_id or "", "number": claimed.number},
    ) as measured:
        outcome, verdict = _attempt(
            claimed,
            body,
            _client(settings.webhook_allow_cidrs, settings.webhook_timeout_seconds),
            traceparent=measured.traceparent,
        )
        measured.tell(result=outcomes.result_of(outcome, verdict))
    outcomes.write(backplane, claimed, outcome, verdict)


def _attempt(
    claimed: ClaimedDelivery,
    body: bytes,
    client: httpx2.Client,
    *,
    traceparent: str | None,
) -> tuple[Outcome, Verdict]:
    now = datetime.now(UTC)
    headers = sign.headers(
        claimed.signing.at(claimed.started_at),
        message_id=claimed.id,
        timestamp=now,
        body=body,
    )
    if traceparent is not None:
        headers["traceparent"] = traceparent
    started = time.monotonic()
    wished: timedelta | None = None
    try:
        answer = http.post(client, claimed.url, content=body, headers=headers)
    except ForbiddenAddressError as error:
        outcome = Outcome(_ms_since(started), error=str(error))
        return outcome, Verdict(DeliveryState.REFUSED)
    except NoAnswerError as error:
        outcome = Outcome(_ms_since(started), error=str(error))
    else:
        wished = retry_after(answer.retry_after, now)
        outcome = Outcome(
            duration_ms=answer.duration_ms,
            status_code=answer.status,
            response_head=_text(answer.body_head),
        )
    return outcome, outcomes.judge(claimed, outcome, wished=wished)


def _ms_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)


def _text(body: bytes) -> str:
    # PostgreSQL refuses the NUL character in text.
    head = body[:RESPONSE_HEAD_BYTES].decode("utf-8", "replace")
    return head.replace("\x00", "\N{REPLACEMENT CHARACTER}")


@lru_cache(maxsize=1)
def _client(allow_cidrs: tuple[str, ...], timeout_seconds: float) -> httpx2.Client:
    return http.client(AllowList(allow_cidrs), timeout_seconds)
