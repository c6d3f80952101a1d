"""Reads request bodies: bounded while they arrive, parsed off the event loop."""

import asyncio
from typing import Any, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError

from api.findings import describe, existing
from api.json_scan import find_excess
from db.contracts.errors import (
    InputProblem,
    InvalidInputError,
    SlowRequestError,
    TooLargeError,
    UnsupportedMediaTypeError,
)
from db.contracts.settings import Settings

MAX_DIGITS = 18
MAX_FIELDS = 1000
CONTAINERS = frozenset({dict, list})

Model = TypeVar("Model", bound=BaseModel)


async def read_body(request: Request, settings: Settings) -> bytes:
    """Return the body; stop reading at the limit, and when it is too slow to come."""
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.strip().lower() != "identity":
        raise UnsupportedMediaTypeError(
            "compressed bodies are not read", suggestion="Send it uncompressed."
        )
    limit = settings.max_body_bytes
    declared = request.headers.get("content-length", "0")
    if len(declared) > MAX_DIGITS or (declared.isdecimal() and int(declared) > limit):
        raise _too_large(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(settings.body_seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise _too_large(limit)
    except TimeoutError:
        raise SlowRequestError(
            f"the body did not arrive within {settings.body_seconds:g} s"
        ) from None
    return bytes(body)


def require_json(request: Request) -> None:
    """Refuse a body that says it is something else."""
    media_type = request.headers.get("content-type", "application/json")
    name = media_type.partition(";")[0].strip().lower()
    if name != "application/json" and not name.endswith("+json"):
        raise UnsupportedMediaTypeError(
            f"the body is {name[:100]}, not application/json"
        )


def parse(model: type[Model], body: bytes) -> Model:
    """Return the validated body. Slow for large ones: not for the event loop."""
    content = _load(body)
    _check_shape(content)
    return read_as(model, content)


def read_as(model: type[Model], content: Any) -> Model:
    """Return a part of a body, which has been loaded, as the model."""
    try:
        return _validated(model, content)
    except ValidationError as error:
        raise InvalidInputError(
            problems=describe(_findings(error), content=content, model=model)
        ) from None


def _load(body: bytes) -> Any:
    excess = find_excess(body)
    if excess is not None:
        raise _refused(excess.detail, excess.suggestion)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _refused(
            f"the body is not JSON: {error.msg} at byte {error.pos}",
            "Send a JSON object in UTF-8; NaN and Infinity are not JSON.",
        ) from None


def _validated(model: type[Model], content: Any) -> Model:
    """Return the content as the model: "5" is no number and true is not 1."""
    try:
        return model.model_validate(content, strict=True)
    except ValidationError as error:
        if not _make_whole(content, _findings(error)):
            raise
    return model.model_validate(content, strict=True)


def _findings(error: ValidationError) -> list[Any]:
    return error.errors(include_url=False)


def _make_whole(content: Any, findings: list[Any]) -> bool:
    """Write 7.0 as 7 where an integer belongs: in JSON they are the same number."""
    is_changed = False
    for finding in findings:
        value, path = finding["input"], finding["loc"]
        if finding["type"] != "int_type" or type(value) is not float:
            continue
        holder = content
        for part in existing(content, path[:-1]):
            holder = holder[part]
        if isinstance(holder, dict) and value.is_integer() and abs(value) < 2**63:
            holder[path[-1]] = int(value)
            is_changed = True
    return is_changed


def _check_shape(content: Any) -> None:
    """Refuse more fields than anyone could be told about."""
    level = _containers([content])
    while level:
        if any(isinstance(n, dict) and len(n) > MAX_FIELDS for n in level):
            raise _refused(
                f"an object has more than {MAX_FIELDS} fields",
                "Send only the fields that /openapi.json describes.",
            )
        level = [child for node in level for child in _containers(node)]


def _containers(node: Any) -> list[Any]:
    values = node.values() if isinstance(node, dict) else node
    # By type: half the time of isinstance, for lists of millions of numbers.
    return [value for value in values if type(value) in CONTAINERS]


def _refused(detail: str, suggestion: str) -> InvalidInputError:
    problem = InputProblem(pointer="#", detail=detail, suggestion=suggestion)
    return InvalidInputError(problems=[problem])


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(
        f"the body is larger than {limit} bytes",
        suggestion=f"Send at most {limit} bytes; large instances can be stored "
        "once at /v1/instances and named by their sha256.",
    )
