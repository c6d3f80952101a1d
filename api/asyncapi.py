"""The AsyncAPI 3 document of the sockets: made of the models that they speak with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from api.asyncapi_examples import EXAMPLES
from api.channels import CHANNELS
from api.live import desk, feed
from api.openapi import DESCRIPTION, SECURITY_SCHEMES
from api.relay.channel import Channel
from api.schemas import live_frames
from api.schemas.socket import (
    CLIENT_FRAMES,
    CLOSE_CODES,
    SERVER_FRAMES,
    EventFrame,
)
from db.contracts.event import PAYLOADS, SEQUENCE_DIGITS, EventType
from db.contracts.version import VERSION

REF = "#/components/schemas/{model}"
EVENT = "Event_{name}"
MEDIA_TYPE = "application/json"
QUERY = {
    "type": "object",
    "properties": {
        "token": {
            "type": "string",
            "description": "A stream token (`POST /v1/stream-tokens`), for clients "
            "that can set no header.",
        }
    },
}
"""Of every socket's address."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SocketDescription:
    """One socket, and the frames of both sides."""

    name: str
    address: str
    title: str
    description: str
    received: Sequence[Json]
    """Messages of clients."""
    sent: Sequence[Json]
    """Messages of the service."""
    schemas: dict[str, Json]
    """What they refer to."""


def document() -> Json:
    """Return the whole document."""
    sockets = [_solve(), _desk(), _feed()]
    messages: Json = {}
    schemas = _event_schemas()
    for socket in sockets:
        for message in (*socket.received, *socket.sent):
            messages[_key(socket, message)] = message
        schemas |= socket.schemas
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "SolveQueue",
            "version": VERSION,
            "description": DESCRIPTION,
            "externalDocs": {
                "url": "/openapi.json",
                "description": "All that is asked by HTTP.",
            },
        },
        "defaultContentType": MEDIA_TYPE,
        "servers": {
            "here": {
                "host": "127.0.0.1:8000",
                "protocol": "ws",
                "description": "As it is installed; `wss` behind a proxy with TLS.",
                "security": [
                    {"$ref": f"#/components/securitySchemes/{name}"}
                    for name in SECURITY_SCHEMES
                ],
            }
        },
        "channels": {socket.name: _channel(socket) for socket in sockets},
        "operations": {
            name: operation
            for socket in sockets
            for name, operation in _operations(socket).items()
        },
        "components": {
            "messages": messages,
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": _security_schemes(),
        },
    }


def _solve() -> SocketDescription:
    """Return /v1/ws as its registries describe it."""
    closings = "".join(f"\n- {code}: {why}" for code, why in CLOSE_CODES.items())
    socket = _socket(
        *("solve", "/v1/ws", "solve.v1"),
        "One socket, many subscriptions; sub-protocol `solve.v1`. "
        f"It is closed with a code:\n{closings}",
        received=CLIENT_FRAMES,
        sent=SERVER_FRAMES,
    )
    topic = socket.schemas["Subscribe"]["properties"]["topic"]
    topic["examples"] = _topics()
    topic["description"] += _told(CHANNELS)
    socket.schemas[EventFrame.__name__]["properties"]["event"] = {
        "oneOf": [{"$ref": _event_ref(each)} for each in EventType],
        "description": "As the log has it: a CloudEvents object.",
    }
    return socket


def _desk() -> SocketDescription:
    return _socket(
        *("desk", "/ws", "The earlier calculators' socket"),
        "For clients of the earlier calculators: ask for calculations, and hear of the "
        f"channels that were chosen: {', '.join(desk.CHANNELS)}.",
        received=live_frames.DESK_RECEIVED,
        sent=live_frames.DESK_SENT,
    )


def _feed() -> SocketDescription:
    return _socket(
        *("feed", "/ws/live", "The earlier monitors' socket"),
        "For clients of the earlier monitors: all that the service tells of itself. "
        f"Topics to choose by: {', '.join(sorted(feed.TOPICS))}.",
        received=live_frames.FEED_RECEIVED,
        sent=live_frames.FEED_SENT,
    )


def _socket(
    name: str,
    address: str,
    title: str,
    description: str,
    *,
    received: Sequence[type[BaseModel]],
    sent: Sequence[type[BaseModel]],
) -> SocketDescription:
    schemas: dict[str, Json] = {}
    return SocketDescription(
        name=name,
        address=address,
        title=title,
        description=description,
        received=[_message(model, schemas) for model in received],
        sent=[_message(model, schemas) for model in sent],
        schemas=schemas,
    )


def _topics() -> list[str]:
    return [
        f"{name}:job_0198c0ffee0070008000000000000001" if each.takes_subject else name
        for name, each in CHANNELS.items()
    ]


def _told(channels: Mapping[str, Channel]) -> str:
    lines = [
        f"\n- `{name}{':{id}' if each.takes_subject else ''}`: {each.summary}"
        for name, each in channels.items()
    ]
    return "\n" + "".join(lines)


def _message(model: type[BaseModel], schemas: dict[str, Json]) -> Json:
    """Return a frame's message; its schema joins the others."""
    name, schema = model.__name__, model.model_json_schema(ref_template=REF)
    schemas.update(schema.pop("$defs", {}))
    schema.pop("examples", None)
    kind = schema.get("properties", {}).get("type")
    if kind is not None:
        # Every frame names its type, although a model need not be told it.
        schema["required"] = sorted({"type", *schema.get("required", [])})
        kind.pop("default", None)
    schemas[name] = schema
    return {
        "name": name if kind is None else kind["const"],
        "title": name,
        "summary": schema.pop("description"),
        "payload": {"$ref": REF.format(model=name)},
        "examples": [{"payload": each} for each in EXAMPLES[name]],
    }


def _channel(socket: SocketDescription) -> Json:
    return {
        "address": socket.address,
        "title": socket.title,
        "description": socket.description,
        "messages": {
            message["title"]: {"$ref": f"#/components/messages/{_key(socket, message)}"}
            for message in (*socket.received, *socket.sent)
        },
        "bindings": {
            "ws": {"method": "GET", "query": QUERY, "bindingVersion": "0.1.0"}
        },
    }


def _operations(socket: SocketDescription) -> Json:
    """Return who says what, as the service sees it: it receives what clients send."""
    return {
        f"{action}_{socket.name}": {
            "action": action,
            "channel": {"$ref": f"#/channels/{socket.name}"},
            "messages": [
                {"$ref": f"#/channels/{socket.name}/messages/{each['title']}"}
                for each in messages
            ],
        }
        for action, messages in (("receive", socket.received), ("send", socket.sent))
    }


def _key(socket: SocketDescription, message: Json) -> str:
    return f"{socket.name}_{message['title']}"


def _event_schemas() -> Json:
    """Return the object that each type of event is, and its payload."""
    schemas: Json = {}
    for type_ in EventType:
        payload = PAYLOADS[type_].model_json_schema(ref_template=REF)
        schemas |= payload.pop("$defs", {})
        schemas[PAYLOADS[type_].__name__] = payload
        schemas[_event_name(type_)] = _envelope(type_)
    return schemas


def _envelope(type_: EventType) -> Json:
    """Return the CloudEvents object of a log that an event of this type is."""
    text = {"type": "string"}
    properties: Json = {
        "specversion": {"const": "1.0"},
        "id": {**text, "description": "Names the event for good."},
        "source": {**text, "description": "The path of what has the log."},
        "type": {"const": type_.value},
        "subject": {**text, "description": "What it is about: of a job its id."},
        "time": {**text, "format": "date-time"},
        "sequence": {**text, "pattern": rf"^\d{{{SEQUENCE_DIGITS}}}$"},
        "epoch": {**text, "description": "Which life of the log the number is of."},
        "datacontenttype": {"const": MEDIA_TYPE},
        "data": {"$ref": REF.format(model=PAYLOADS[type_].__name__)},
    }
    required = list(properties)
    told = "The W3C's: of the request that sent the job."
    properties["traceparent"] = {**text, "description": told}
    return {"type": "object", "required": required, "properties": properties}


def _event_name(type_: EventType) -> str:
    return EVENT.format(name=type_.value.replace(".", "_"))


def _event_ref(type_: EventType) -> str:
    return REF.format(model=_event_name(type_))


def _security_schemes() -> Json:
    """Return OpenAPI's in AsyncAPI's words."""
    return {
        name: {**scheme, "type": "httpApiKey"} if scheme["type"] == "apiKey" else scheme
        for name, scheme in SECURITY_SCHEMES.items()
    }
