"""The peer: a Celery task that does nothing but say that it ran.

Same broker, same serializer, same acknowledgement, same pool as SolveQueue's workers;
no record, no lease, no events.
"""

import os
from functools import cache

import redis
from celery import Celery
from kombu import pools

QUEUE = "bare"
DONE = "bare:done"

app = Celery("bare", broker=os.environ.get("BROKER_URL"))
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_default_queue=QUEUE,
    worker_send_task_events=True,
)


def use_broker(url: str) -> None:
    """Send there from now on, and not by connections to an earlier one."""
    pools.reset()
    app.close()
    # It keeps a pool of producers of its own, which `close` leaves.
    app.__dict__.pop("amqp", None)
    app.conf.broker_url = url


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(os.environ["REDIS_URL"])


@app.task(name="bare.nothing")
def nothing(name: str) -> None:
    _client().rpush(DONE, name)
