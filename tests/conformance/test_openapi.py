"""What the published schema promises of itself."""

import json
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from api.main import create_app
from api.schema_file import FILE, render
from db.contracts.delivery import MILESTONES, NOTICES
from db.contracts.event import PAYLOADS, EventDraft, EventType
from db.contracts.settings import Settings
from db.webhooks.body import thin
from tests.conformance.test_events import EXAMPLES

SCHEMA: dict[str, Any] = create_app(Settings.model_construct()).openapi()
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in SCHEMA["paths"].items()
    for method, operation in item.items()
}


def bodies(name: str) -> list[dict[str, Any]]:
    """Return the JSON schemas of an operation's body, resolved one level."""
    body = OPERATIONS[name].get("requestBody", {"content": {}})
    return [
        described
        for media_type, content in body["content"].items()
        if media_type.endswith("json")
        for described in [resolved(content["schema"])]
    ]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema["$ref"].rpartition("/")[2]
    found: dict[str, Any] = SCHEMA["components"]["schemas"][name]
    return found


def whole(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with what it may refer to."""
    return {**schema, "components": SCHEMA["components"]}


WITH_BODY = [name for name in OPERATIONS if bodies(name)]


def test_the_schema_is_a_valid_openapi_document() -> None:
    validate(SCHEMA)
    assert SCHEMA["openapi"].startswith("3.1")


def test_the_file_in_the_documentation_is_the_schema() -> None:
    assert FILE.read_text(encoding="utf-8") == render(), "run `make openapi`"


def test_an_operation_says_what_scope_it_needs() -> None:
    def needed(name: str) -> set[str]:
        ways = OPERATIONS[name]["security"]
        return {scope for way in ways for scopes in way.values() for scope in scopes}

    assert needed("GET /v1/jobs") == {"jobs:read"}
    assert needed("POST /v1/jobs") == {"jobs:write"}
    assert needed("POST /v1/keys") == {"admin"}
    assert needed("GET /healthz") == set()


def test_every_tag_is_explained() -> None:
    explained = {tag["name"] for tag in SCHEMA["tags"]}
    assert {tag for each in OPERATIONS.values() for tag in each["tags"]} <= explained


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_what_it_does(name: str) -> None:
    assert OPERATIONS[name]["description"].rstrip().endswith(".")


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_has_examples_that_validate(name: str) -> None:
    for body in bodies(name):
        assert body["examples"]
        for example in body["examples"]:
            jsonschema.Draft202012Validator(whole(body)).validate(example)


def test_every_event_that_is_delivered_is_a_webhook() -> None:
    delivered = {*MILESTONES, *NOTICES, EventType.WEBHOOK_TEST}
    assert set(SCHEMA["webhooks"]) == {event.value for event in delivered}


@pytest.mark.parametrize("event", MILESTONES)
def test_an_event_is_what_its_webhook_says(event: EventType) -> None:
    payload = EXAMPLES[PAYLOADS[event]]
    sent = EventDraft(
        "evt_0.1", event, "job_0", 1.5, 1, payload.model_dump_json()
    ).render(7, "k3f9")
    content = SCHEMA["webhooks"][event.value]["post"]["requestBody"]["content"]
    schema = content["application/cloudevents+json"]["schema"]
    validator = jsonschema.Draft202012Validator(whole(schema))
    validator.validate(json.loads(sent))
    validator.validate(json.loads(thin(sent)))
    assert not validator.is_valid(json.loads(sent) | {"sequence": "7"})
