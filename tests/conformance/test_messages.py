"""Messages are JSON: what else arrives is never made into objects."""

import pickle

import pytest
from kombu import serialization
from kombu.exceptions import ContentDisallowed

import celeryconfig
from worker.app import app


def test_nothing_but_json_is_taken_or_sent() -> None:
    assert celeryconfig.accept_content == ["json"]
    assert app.conf.accept_content == ["json"]
    for kind in ("task_serializer", "result_serializer", "event_serializer"):
        assert app.conf[kind] == "json"


@pytest.mark.parametrize("kind", ["pickle", "yaml", "msgpack"])
def test_another_form_is_refused_before_it_is_read(kind: str) -> None:
    accept = serialization.prepare_accept_content(app.conf.accept_content)
    with pytest.raises(ContentDisallowed):
        serialization.loads(
            pickle.dumps("x"), f"application/x-{kind}", "binary", accept=accept
        )
