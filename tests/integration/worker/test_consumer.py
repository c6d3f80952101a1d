"""A worker whose broker goes and comes back stays a worker."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from celery import Celery
from kombu import Connection, Message, Queue

from db.embedded_valkey import EmbeddedValkey
from worker.consumer import Consumer

QUEUE = Queue("work")


@dataclass
class Listening:
    """A consumer that holds a message and waits for the next."""

    consumer: Consumer
    connection: Connection
    message: Message


@pytest.fixture
def listening(own_valkey: EmbeddedValkey) -> Iterator[Listening]:
    url = own_valkey.broker_url
    with Connection(url) as producer:
        producer.Producer().publish("look at this", routing_key=QUEUE.name)
    connection = Connection(url)
    channel = connection.default_channel
    message = QUEUE(channel).get()
    assert message is not None
    # What the worker's loop does: ask for the next, and do other things meanwhile.
    channel.basic_consume(QUEUE.name, False, lambda _: None, "consumer")
    app = Celery(broker=url, set_as_current=False)
    app.control.mailbox.Node("here", channel=connection.channel()).listen()
    connection.transport.cycle.on_poll_start()
    # Built by hand: a whole worker would only now and then be in this very state.
    consumer = Consumer.__new__(Consumer)
    consumer.app = app
    consumer.connection = connection
    consumer.qos_global = True
    consumer.initial_prefetch_count = consumer.prefetch_multiplier = 1
    consumer.app.conf.worker_enable_prefetch_count_reduction = False
    yield Listening(consumer, connection, message)
    connection.release()


@pytest.mark.filterwarnings("ignore::celery.exceptions.CPendingDeprecationWarning")
def test_losing_the_broker_with_a_message_in_hand_is_survived(
    own_valkey: EmbeddedValkey, listening: Listening
) -> None:
    own_valkey.stop()
    listening.consumer.on_connection_error_after_connected(ConnectionError())
    assert listening.consumer.connection is None


@pytest.mark.filterwarnings("ignore::celery.exceptions.CPendingDeprecationWarning")
def test_a_message_of_before_is_acknowledged_when_the_broker_is_back(
    own_valkey: EmbeddedValkey, listening: Listening
) -> None:
    own_valkey.stop()
    listening.consumer.on_connection_error_after_connected(ConnectionError())
    own_valkey.start()
    listening.message.ack()
    assert listening.message.acknowledged
