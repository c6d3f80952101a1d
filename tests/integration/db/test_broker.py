"""The producer: hints are sent at once or not at all, and can be looked for."""

import json

import pytest
from redis import Redis

from db.backplane import Backplane
from db.broker import Broker, Hint
from db.contracts.errors import UnavailableError
from db.contracts.job_kind import Queue
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from tests.conftest import OpenBackplane


@pytest.mark.parametrize("queue", Queue)
def test_a_hint_holds_nothing_but_the_id(
    sqlite_backplane: Backplane, redis: Redis, queue: Queue
) -> None:
    assert sqlite_backplane.broker.send("worker.solve", "job_1", queue)
    (message,) = redis.lrange(queue.value, 0, -1)
    headers = json.loads(message)["headers"]
    assert (headers["task"], headers["id"]) == ("worker.solve", "job_1")
    assert headers["ignore_result"]
    pending = sqlite_backplane.broker.pending()
    assert pending is not None
    assert pending.pop(queue.value) == ["job_1"]
    assert not any(pending.values())


def test_hints_of_one_batch_keep_their_order_and_their_queues(
    sqlite_backplane: Backplane, redis: Redis
) -> None:
    ids = [f"job_{number}" for number in range(5)]
    hints = [Hint("worker.solve", each, "standard") for each in ids]
    assert sqlite_backplane.broker.send_all(
        [*hints, Hint("worker.deliver", "msg_1", "webhooks")]
    )
    sent = [
        json.loads(each)["headers"]["id"] for each in redis.lrange("standard", 0, -1)
    ]
    # A worker takes the one at the other end.
    assert sent[::-1] == ids
    assert redis.llen("webhooks") == 1


def test_a_queue_with_messages_enough_gets_no_more(
    sqlite_backplane: Backplane, redis: Redis
) -> None:
    settings = sqlite_backplane.settings.model_copy(update={"max_messages": 2})
    broker = Broker(settings)

    def send(*ids: str, queue: str = "standard") -> None:
        assert broker.send_enough([Hint("worker.solve", each, queue) for each in ids])

    send("job_1")
    # One message is not enough; what is sent in one go is not counted singly.
    send("job_2", "job_3", "job_4")
    assert redis.llen("standard") == 4
    send("job_5")
    assert redis.llen("standard") == 4
    send("job_6", queue="bulk")
    assert redis.llen("bulk") == 1
    redis.ltrim("standard", 0, 0)
    send("job_7")
    assert redis.llen("standard") == 2
    broker.close()


def test_an_empty_broker_has_nothing_pending(sqlite_backplane: Backplane) -> None:
    assert sqlite_backplane.broker.pending() == {queue.value: [] for queue in Queue}
    sqlite_backplane.broker.ping()


def test_a_message_that_a_worker_holds_is_no_turn_any_more(
    sqlite_backplane: Backplane,
) -> None:
    broker = sqlite_backplane.broker
    broker.send("worker.solve", "job_1", "standard")
    broker.send("worker.solve", "job_1", "standard")
    with broker._app.connection_for_write() as connection:
        message = connection.default_channel.basic_get("standard", no_ack=False)
        assert message is not None
        pending = broker.pending()
        message.ack()
    assert pending is not None
    assert pending["standard"] == ["job_1"]


def test_a_broker_that_is_away_takes_nothing_and_is_not_asked_again_at_once(
    open_backplane: OpenBackplane,
    sqlite_url: str,
    own_valkey: EmbeddedValkey,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broker = open_backplane(
        database_url=sqlite_url, redis_url=own_valkey.redis_url
    ).broker
    assert broker.send("worker.solve", "job_1", "standard")
    own_valkey.stop()
    assert not broker.send("worker.solve", "job_2", "standard")
    assert not broker.send("worker.solve", "job_3", "standard")
    assert caplog.text.count("broker did not take a hint") == 1
    with pytest.raises(UnavailableError):
        broker.pending()


def test_another_broker_than_redis_that_is_away_is_unavailable() -> None:
    broker = Broker(Settings(broker_url="amqp://guest@127.0.0.1:1//"))
    with pytest.raises(UnavailableError):
        broker.pending()
    broker.close()


def test_the_broker_is_the_one_of_the_settings() -> None:
    broker = Broker(Settings(broker_url="redis://127.0.0.1:1/7"))
    assert broker._app.conf.broker_url == "redis://127.0.0.1:1/7"
    assert not broker.send("worker.solve", "job_1", "standard")
    broker.close()
