"""RQ: a function that does nothing but say that it ran."""

import os
from functools import cache

import redis
from client import DONE
from rq import Queue

PACKAGES = ("rq", "redis")


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(os.environ["REDIS_URL"])


@cache
def _queue() -> Queue:
    return Queue(connection=_client())


def nothing(name: str) -> None:
    _client().rpush(DONE, name)


def enqueue(name: str) -> None:
    _queue().enqueue("rq_peer.nothing", name)
