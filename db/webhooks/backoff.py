"""When a delivery is tried again."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

DELAYS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER_SHARE = 0.1
LONGEST_RETRY_AFTER = timedelta(hours=24)


def next_delay(tries: int, *, jitter: float) -> timedelta | None:
    """Return the wait after `tries` HTTP requests; None when there is no next one.

    `jitter` in [0, 1) moves the wait by up to a tenth, 0.5 leaves it alone.
    """
    if tries >= len(DELAYS):
        return None
    return DELAYS[tries] * (1 + JITTER_SHARE * (2 * jitter - 1))


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """Return what the receiver asked for, at most a day; None when it is unreadable."""
    wait = _seconds_or_date((header or "").strip(), now)
    return None if wait is None else min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)


def _seconds_or_date(text: str, now: datetime) -> timedelta | None:
    try:
        if text.isascii() and text.isdigit():
            return timedelta(seconds=int(text))
        moment = parsedate_to_datetime(text)
        # HTTP dates are GMT; a date marked "-0000" comes out without a zone.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except OverflowError:
        return LONGEST_RETRY_AFTER
    except ValueError:
        return None
