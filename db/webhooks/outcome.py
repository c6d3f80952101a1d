"""What an answer means, and what follows once it is written."""

import logging
import secrets
from datetime import timedelta

from db.announcement import hint_deliveries, tell_noted
from db.backplane import Backplane
from db.contracts.delivery import DeliveryState, Trigger
from db.contracts.metric import WEBHOOK_ATTEMPTS
from db.repositories import notifications, outcomes
from db.repositories.claims import ClaimedDelivery
from db.repositories.outcomes import Outcome, Rules, Verdict
from db.webhooks.backoff import next_delay

logger = logging.getLogger(__name__)

GONE = 410
BUSY = frozenset({429, 503})
DAY_SECONDS = 86_400.0


def judge(
    claimed: ClaimedDelivery, outcome: Outcome, *, wished: timedelta | None = None
) -> Verdict:
    """Return what an outcome means; ``wished`` is how long the receiver asks for."""
    status = outcome.status_code
    if status is not None and 200 <= status < 300:
        return Verdict(DeliveryState.DELIVERED)
    if status == GONE:
        return Verdict(DeliveryState.REFUSED, is_gone=True)
    is_reachable = status is not None and status not in BUSY
    delay = (
        None
        # Whoever tests is there to see it, and will test again.
        if claimed.trigger is Trigger.TEST
        else next_delay(claimed.step, jitter=secrets.randbelow(1000) / 1000)
    )
    if delay is None:
        return Verdict(DeliveryState.EXHAUSTED, is_reachable=is_reachable)
    if wished is not None and status in BUSY:
        delay = max(delay, wished)
    return Verdict(
        DeliveryState.PENDING, delay.total_seconds(), is_reachable=is_reachable
    )


def write(
    backplane: Backplane, claimed: ClaimedDelivery, outcome: Outcome, verdict: Verdict
) -> bool:
    """Record the attempt, and tell; return whether it still owned its delivery."""
    settings = backplane.settings
    rules = Rules(
        disable_seconds=settings.webhook_disable_days * DAY_SECONDS,
        scale=settings.webhook_backoff_scale,
    )
    with backplane.database.transaction() as connection:
        recorded = outcomes.record_attempt(connection, claimed, outcome, verdict, rules)
        disabled = recorded.disabled
        noted = (
            []
            if disabled is None
            else notifications.note_disabled(connection, disabled)
        )
    hint_deliveries(backplane.broker, recorded.next_ids)
    if disabled is not None:
        logger.warning(
            "webhook disabled",
            extra={
                "action": "webhook_disabled",
                "endpoint_id": disabled.id,
                "reason": disabled.disabled_reason,
            },
        )
    tell_noted(backplane, noted)
    backplane.meter.count(WEBHOOK_ATTEMPTS, result_of(outcome, verdict))
    logger.info(
        "delivery attempted",
        extra={
            "action": "delivery_attempted",
            "delivery_id": claimed.id,
            "number": claimed.number,
            "state": verdict.state.value,
            "status_code": outcome.status_code,
        },
    )
    return recorded.is_owned


def result_of(outcome: Outcome, verdict: Verdict) -> str:
    """Return what the numbers call the outcome of one request."""
    if verdict.state is DeliveryState.DELIVERED:
        return "delivered"
    if outcome.status_code is None:
        refused = verdict.state is DeliveryState.REFUSED
        return "forbidden" if refused else "unreachable"
    return f"{outcome.status_code // 100}xx"
