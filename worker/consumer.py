"""Celery's consumer, which the loss of its broker must not end."""

from celery.worker.consumer import Consumer as CeleryConsumer
from typing_extensions import override


class Consumer(CeleryConsumer):  # type: ignore[misc]
    """Lets go of a lost connection to Redis so that another can take its place.

    With Kombu 5.7 closing a channel that waits for a message reads from the socket
    first, which fails, and leaves the channel half closed: without an address to
    connect to, and with messages to put back or to acknowledge. The next attempt at
    either is an AttributeError, on which the worker takes no more jobs, waits for
    those it runs, however long, and ends.
    """

    @override
    def on_connection_error_after_connected(self, exc: Exception) -> None:
        # AMQP's transports have no such list, and no such channels.
        for channel in getattr(self.connection.transport, "channels", ()):
            # Whoever waits for nothing is closed without a read.
            channel._in_poll = None  # noqa: SLF001 - Kombu has no other door
        super().on_connection_error_after_connected(exc)
