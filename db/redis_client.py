"""How a process that may wait talks to Redis."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from db.contracts.settings import Settings


def connect(settings: Settings) -> redis.Redis:
    """Return a client; nothing needs to be up yet.

    A connection that has died meanwhile is made again, once and at once. A server that
    does not answer is given up after the settings' time.
    """
    return redis.Redis.from_url(
        settings.redis,
        socket_timeout=settings.redis_timeout_seconds,
        socket_connect_timeout=settings.redis_timeout_seconds,
        retry=Retry(NoBackoff(), 1),
        decode_responses=True,
    )
