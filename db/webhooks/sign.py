"""Standard Webhooks 1.0 signatures."""

from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

MEDIA_TYPE = "application/cloudevents+json"


def headers(
    secrets: Sequence[str], *, message_id: str, timestamp: datetime, body: bytes
) -> dict[str, str]:
    """Sign with every secret given, so that a rotation can run with two for a while."""
    if not secrets:
        raise ValueError("nothing to sign with: give the endpoint's secret")
    if timestamp.tzinfo is None:
        raise ValueError("the timestamp has no time zone: use datetime.now(UTC)")
    # The library overwrites the time zone instead of converting to UTC.
    moment = timestamp.astimezone(UTC)
    text = body.decode()
    signatures = [Webhook(s).sign(message_id, moment, text) for s in secrets]
    return {
        "content-type": MEDIA_TYPE,
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
