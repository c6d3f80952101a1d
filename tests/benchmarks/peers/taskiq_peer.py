"""Taskiq: a task that does nothing but say that it ran.

The stream broker: of those for Redis the one that acknowledges.
"""

import os
from functools import cache

import redis.asyncio
from client import DONE
from taskiq_redis import RedisStreamBroker

PACKAGES = ("taskiq", "taskiq-redis", "redis")
broker = RedisStreamBroker(os.environ["REDIS_URL"])


@cache
def _client() -> redis.asyncio.Redis:
    return redis.asyncio.Redis.from_url(os.environ["REDIS_URL"])


@broker.task
async def nothing(name: str) -> None:
    await _client().rpush(DONE, name)


async def enqueue(name: str) -> None:
    await nothing.kiq(name)
