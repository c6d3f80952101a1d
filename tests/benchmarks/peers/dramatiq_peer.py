"""Dramatiq: an actor that does nothing but say that it ran."""

import os
from functools import cache

import dramatiq
import redis
from client import DONE
from dramatiq.brokers.redis import RedisBroker

PACKAGES = ("dramatiq", "redis")
broker = RedisBroker(url=os.environ["REDIS_URL"])
dramatiq.set_broker(broker)


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(os.environ["REDIS_URL"])


@dramatiq.actor
def nothing(name: str) -> None:
    _client().rpush(DONE, name)


def enqueue(name: str) -> None:
    nothing.send(name)
