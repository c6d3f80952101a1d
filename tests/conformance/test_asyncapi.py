"""What the document of the sockets promises of itself."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIWebSocketRoute
from jsonschema import Draft7Validator
from starlette.testclient import TestClient

from api.channels import CHANNELS
from api.live.frames import DESK, LIVE, Registry
from api.main import create_app
from api.routers import ROUTERS
from api.schema_file import SOCKETS_FILE, render_sockets
from api.schemas.socket import CLIENT_FRAMES, CLOSE_CODES, SERVER_FRAMES, Subscribe
from db.contracts.event import PAYLOADS, EventDraft, EventType
from db.contracts.settings import Settings
from tests.conformance.test_events import EXAMPLES
from tests.described import check_frame, resolve, sent_messages, the_document, validator

DOCUMENT = the_document()
MESSAGES = DOCUMENT["components"]["messages"]
OFFICIAL = Path(__file__).parent / "asyncapi" / "schema-3.0.0.json.gz"
EVENTS_PAGE = Path(__file__).parents[2] / "docs" / "events.md"


def test_the_document_is_a_valid_one() -> None:
    schema = json.loads(gzip.decompress(OFFICIAL.read_bytes()))
    Draft7Validator(schema).validate(DOCUMENT)
    assert not Draft7Validator(schema).is_valid(
        {**DOCUMENT, "channels": {"a": {"b": 1}}}
    )


def test_the_file_in_the_documentation_is_the_document() -> None:
    text = SOCKETS_FILE.read_text(encoding="utf-8")
    assert text == render_sockets(), "run `make openapi`"


def test_the_service_serves_it() -> None:
    app = create_app(Settings.model_construct())
    assert TestClient(app).get("/asyncapi.json").json() == DOCUMENT


def references(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_every_reference_leads_somewhere() -> None:
    found = list(references(DOCUMENT))
    assert len(found) > 50
    for reference in found:
        assert resolve(reference)


def test_every_schema_is_one() -> None:
    for name in DOCUMENT["components"]["schemas"]:
        validator(name).check_schema(DOCUMENT["components"]["schemas"][name])


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_has_examples_that_are_as_it_says(name: str) -> None:
    message = MESSAGES[name]
    schema = message["payload"]["$ref"].rpartition("/")[2]
    assert message["examples"]
    for example in message["examples"]:
        validator(schema).validate(example["payload"])
        if schema == "BroadcastTold":
            continue
        assert example["payload"]["type"] == message["name"]
        assert not validator(schema).is_valid({**example["payload"], "type": "other"})


def test_every_socket_is_in_it() -> None:
    served = {
        route.path
        for router in ROUTERS.values()
        for route in router.routes
        if isinstance(route, APIWebSocketRoute)
    }
    assert {each["address"] for each in DOCUMENT["channels"].values()} == served


@pytest.mark.parametrize("frame", [*CLIENT_FRAMES, *SERVER_FRAMES])
def test_every_frame_is_in_it(frame: Any) -> None:
    action = "receive" if frame in CLIENT_FRAMES else "send"
    operation = DOCUMENT["operations"][f"{action}_solve"]
    titles = [resolve(resolve(each))["title"] for each in operation["messages"]]
    assert frame.__name__ in titles


@pytest.mark.parametrize(
    ("address", "registry"), [("/ws", DESK), ("/ws/live", LIVE)], ids=["desk", "feed"]
)
def test_every_frame_that_an_event_becomes_is_in_it(
    address: str, registry: Registry
) -> None:
    rendered = {each.type for renderings in registry.values() for each in renderings}
    assert rendered - {"broadcast"} <= set(sent_messages(address))


def test_every_topic_is_in_it() -> None:
    topics = DOCUMENT["components"]["schemas"]["Subscribe"]["properties"]["topic"]
    named = {topic.partition(":")[0] for topic in topics["examples"]}
    assert named == set(CHANNELS)
    for topic in topics["examples"]:
        assert Subscribe(id="a", topic=topic)


@pytest.mark.parametrize("type_", EventType)
def test_every_event_is_as_it_says(type_: EventType) -> None:
    payload = EXAMPLES[PAYLOADS[type_]]
    data = payload.model_dump_json(exclude_none=True)
    draft = EventDraft(
        id="evt_1", type=type_, job_id="job_1", time=0.0, attempt=1, data=data
    )
    event = json.loads(draft.render(7, "e"))
    frame = {"type": "event", "id": "a", "event": event}
    validator("EventFrame").validate(frame)
    check_frame(frame)
    for broken in ({**event, "sequence": "7"}, {**event, "data": 7}):
        assert not validator("EventFrame").is_valid({**frame, "event": broken})


def test_a_frame_that_is_not_in_it_is_found() -> None:
    assert "event" in sent_messages("/v1/ws")
    with pytest.raises(AssertionError, match="not described"):
        check_frame({"type": "news"})


def test_the_page_has_the_same_codes() -> None:
    text = EVENTS_PAGE.read_text()
    table = text[text.index("| closed with |") :].partition("\n\n")[0]
    told = {int(code) for code in re.findall(r"^\| (\d{4}) \|", table, re.MULTILINE)}
    assert told == set(CLOSE_CODES)
