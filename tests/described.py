"""Whether a frame of a socket is as the AsyncAPI document says."""

from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from api import asyncapi

Json = dict[str, Any]


@lru_cache(1)
def the_document() -> Json:
    return asyncapi.document()


@lru_cache
def validator(schema: str) -> Validator:
    """Return what checks instances of a schema of the document."""
    components = the_document()["components"]
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": components}
    )


def check_frame(frame: Json, *, address: str = "/v1/ws") -> None:
    """Fail unless the document describes this frame of the service."""
    messages = sent_messages(address)
    # An operator's broadcast may be anything.
    found = messages.get(frame.get("type", ""), messages.get("BroadcastTold"))
    assert found is not None, f"{frame.get('type')} is not described"
    event = frame.get("event")
    if isinstance(event, dict):
        # One of two dozen: its own is asked, for the sake of speed and of the message.
        validator(f"Event_{event['type'].replace('.', '_')}").validate(event)
        schema = the_document()["components"]["schemas"][found]
        assert set(schema["required"]) <= set(frame) <= set(schema["properties"])
        return
    validator(found).validate(frame)


@lru_cache
def sent_messages(address: str) -> dict[str, str]:
    """Return the schema of each type of frame that the service sends there."""
    document = the_document()
    (name,) = (
        name
        for name, each in document["channels"].items()
        if each["address"] == address
    )
    messages = [
        resolve(resolve(each))
        for each in document["operations"][f"send_{name}"]["messages"]
    ]
    return {
        message["name"]: message["payload"]["$ref"].rpartition("/")[2]
        for message in messages
    }


def resolve(reference: Json) -> Json:
    """Return what a reference within the document names."""
    found: Any = the_document()
    for part in reference["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    resolved: Json = found
    return resolved
