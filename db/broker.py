"""The producer, and all that the API knows of Celery."""

import json
import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import redis
from celery import Celery
from kombu.exceptions import KombuError

from db.contracts.errors import UnavailableError
from db.contracts.job_kind import Queue
from db.contracts.settings import Settings

logger = logging.getLogger(__name__)

PAUSE_AFTER_FAILURE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Hint:
    """Look at this record: all that a message says."""

    task: str
    record_id: str
    queue: str


@dataclass(frozen=True, slots=True)
class Beaten:
    """What beat starts, as Celery is told of it."""

    name: str
    task: str
    every_seconds: float
    queue: str
    summary: str


class Broker:
    """Sends hints. A hint that is lost is sent again by the reconciler."""

    def __init__(self, settings: Settings) -> None:
        # Not current: in a worker process the worker's app must stay the current one.
        self._app = Celery("solvequeue-producer", set_as_current=False)
        self._app.config_from_object("celeryconfig")
        address = settings.broker_address
        self._app.conf.broker_url = address.url
        self._app.conf.broker_use_ssl = address.tls
        self._is_redis = address.is_redis
        self._max_messages = settings.max_messages
        if self._is_redis:
            self._app.conf.broker_transport_options |= {
                "socket_timeout": settings.redis_timeout_seconds,
                "socket_connect_timeout": settings.redis_timeout_seconds,
                "retry_on_timeout": False,
                # Kombu would sleep for two and then four seconds between its tries.
                "max_retries": 0,
                # A Unix socket knows no keep-alive, and its connection refuses one.
                "socket_keepalive": address.has_keepalive,
                **address.sentinel_options,
            }
        self._away_until = 0.0

    def send(self, task: str, record_id: str, queue: str) -> bool:
        """Send a hint; return False when the broker did not take it."""
        return self.send_all([Hint(task, record_id, queue)])

    def send_all(self, hints: Sequence[Hint]) -> bool:
        """Send hints in one go; return False when the broker did not take them all."""
        return self._send(hints)

    def send_enough(self, hints: Sequence[Hint]) -> bool:
        """Send hints, but none to queues that have messages enough for their workers.

        A message is a turn, whosever job it runs: more of them than workers can look
        at are of no use to anyone. What is short later, the reconciler sends.
        """
        return self._send(hints, at_most=self._max_messages if self._is_redis else None)

    def _send(self, hints: Sequence[Hint], *, at_most: int | None = None) -> bool:
        if not hints:
            return True
        return self._try(
            lambda: self._send_all(hints, at_most=at_most),
            of=hints[0].record_id,
            hints=len(hints),
        )

    def _try(self, send: Callable[[], None], *, of: str, hints: int) -> bool:
        if time.monotonic() < self._away_until:
            return False
        try:
            send()
        except (KombuError, redis.RedisError, OSError) as error:
            self._away_until = time.monotonic() + PAUSE_AFTER_FAILURE_SECONDS
            logger.warning(
                "broker did not take a hint",
                extra={
                    "action": "hint_not_sent",
                    "record_id": of,
                    "hints": hints,
                },
                exc_info=error,
            )
            return False
        return True

    def _send_all(self, hints: Sequence[Hint], *, at_most: int | None) -> None:
        # In a batch, Redis gets them in one call; RabbitMQ one by one.
        with self._app.producer_or_acquire() as producer, producer.batch():
            if at_most is not None:
                hints = _wanting(hints, producer.channel.client, at_most)
            for hint in hints:
                self._app.send_task(
                    hint.task,
                    args=(hint.record_id,),
                    task_id=hint.record_id,
                    queue=hint.queue,
                    producer=producer,
                    retry=False,
                    ignore_result=True,
                )

    def schedules(self) -> dict[str, Beaten]:
        """Return what beat starts, by name."""
        summaries: Mapping[str, str] = self._app.conf.beat_summaries
        return {
            name: Beaten(
                name=name,
                task=told["task"],
                every_seconds=told["schedule"],
                queue=told["options"]["queue"],
                summary=summaries[name],
            )
            for name, told in self._app.conf.beat_schedule.items()
        }

    def start(self, schedule: Beaten) -> str:
        """Have a schedule's task run now, out of its turn; return the message's id."""
        message_id = str(uuid.uuid4())

        def send() -> None:
            # Without an expiry: by that it is known for none of beat's.
            self._app.send_task(
                schedule.task,
                task_id=message_id,
                queue=schedule.queue,
                retry=False,
                ignore_result=True,
            )

        if not self._try(send, of=schedule.name, hints=1):
            raise UnavailableError("The broker does not take messages.")
        return message_id

    def pending(self) -> dict[str, list[str]]:
        """Return the ids in each queue's messages.

        Only Redis tells them; of others it is known how many there are, and each id
        is empty. Messages that a worker has taken are not among them: it acts on them
        at once, or it has died, and then they are to be sent again.
        """
        look = self._ids_in if self._is_redis else self._unknown_in
        with self._app.connection_for_write() as connection:
            away = (
                KombuError,
                redis.RedisError,
                OSError,
                *connection.connection_errors,
            )
            try:
                return {queue.value: look(connection, queue) for queue in Queue}
            except away as error:
                raise UnavailableError("The broker does not answer.") from error

    def _ids_in(self, connection: Any, queue: Queue) -> list[str]:
        client = connection.default_channel.client
        return [_task_id(message) for message in client.lrange(queue.value, 0, -1)]

    def _unknown_in(self, connection: Any, queue: Queue) -> list[str]:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=1)
        # Of its own: asking for a queue that no worker has made yet closes it.
        with connection.channel() as channel:
            try:
                told = channel.queue_declare(queue=queue.value, passive=True)
            except connection.channel_errors:
                return []
        return [""] * int(told.message_count)

    def ping(self) -> None:
        """Raise when the broker does not answer."""
        with self._app.connection_for_write() as connection:
            connection.ensure_connection(
                max_retries=1, interval_start=0, interval_step=0, timeout=1
            )

    def close(self) -> None:
        self._app.close()


def _wanting(
    hints: Sequence[Hint], client: redis.Redis, at_most: int
) -> Sequence[Hint]:
    """Return the hints to queues that hold fewer messages than ``at_most``."""
    queues = sorted({hint.queue for hint in hints})
    with client.pipeline(transaction=False) as pipe:
        for queue in queues:
            pipe.llen(queue)
        lengths = dict(zip(queues, pipe.execute(), strict=True))
    return [hint for hint in hints if lengths[hint.queue] < at_most]


def _task_id(message: Any) -> str:
    return str(json.loads(message)["headers"]["id"])
