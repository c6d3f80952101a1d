"""Describes what routes read themselves, so that the published schema is whole."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from api import openapi_events
from api.scopes import scope_needed
from db.contracts.event import PAYLOADS

DESCRIPTION = """A self-hosted numeric job service: send a problem, watch the incumbent,
the bound and the gap, and be called back when it ends."""
TAGS = {
    "jobs": "Send a job, look at it, wait for it, stop it.",
    "events": "What happens to a job, numbered and without holes.",
    "actions": "Repeat, reproduce and forget jobs; treat many alike.",
    "batches": "Many solves under one job.",
    "benchmarks": "Instances by methods by seeds, compared.",
    "calculations": "Numbers that carry their proof, and money through time.",
    "schedules": "Jobs at certain times.",
    "scheduler": "What runs without anyone asking, and how punctually.",
    "providers": "Outside services, and the service's own parts, watched.",
    "monitoring": "The routes of the earlier monitoring system.",
    "market": "Rates and an index, every ten seconds, and what they were.",
    "catalogue": "Methods, bounds and instances to choose from.",
    "queues": "What waits, and how fast it goes.",
    "verification": "Certificates, checked without the solver.",
    "webhooks": "Where events are told, and what became of each.",
    "notifications": "What people were told, and whether they have read it.",
    "alerts": "What is beyond its limit, and the rules that say so.",
    "logs": "What was asked of providers, and what came of it.",
    "thresholds": "Numbers that you want to be notified of.",
    "solve": "The routes of the earlier QAP server.",
    "analytics": "What solves have come to, as pages, CSV and JSON.",
    "live": "The sockets of the earlier servers, counted.",
    "problems": "What the type of an error leads to.",
    "overview": "What the service has come to, and what was earned.",
    "insights": "What the history says, with its evidence, and what is done by it.",
    "metrics": "Numbers, as JSON and for scrapers.",
    "workers": "Who runs jobs.",
    "limits": "How much a caller may send.",
    "keys": "By what callers are known.",
    "admin": "For operators.",
    "health": "For probes and scrapers.",
}
REF = "#/components/schemas/{model}"

SECURITY_SCHEMES: dict[str, Any] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, or a token (JWT).",
    },
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "An API key.",
    },
}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": [
        "type",
        "title",
        "status",
        "detail",
        "errors",
        "error_code",
        "message",
        "suggestion",
        "timestamp",
        "request_id",
        "error",
        "details",
    ],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "detail": {"type": "string"},
                    "suggestion": {"type": "string"},
                },
            },
        },
        "error_code": {"type": "string"},
        "message": {"type": "string"},
        "suggestion": {"type": "string"},
        "timestamp": {"type": "string"},
        "request_id": {"type": "string"},
        "error": {"type": "string"},
        "details": {
            "type": "object",
            "required": ["code", "status", "problems"],
            "properties": {
                "code": {"type": "string"},
                "status": {"type": "integer"},
                "problems": {"type": "integer"},
            },
        },
        "violated-policies": {"type": "array", "items": {"type": "string"}},
    },
}
PROBLEM_RESPONSE: dict[str, Any] = {
    "description": "A problem (RFC 9457), with what to do about it.",
    "content": {
        "application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}
    },
}

_bodies: dict[str, type[BaseModel]] = {}
_examples: dict[str, Mapping[str, Any]] = {}


def body_of(
    model: type[BaseModel],
    *,
    also: dict[str, Any] | None = None,
    is_required: bool = True,
    example: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the request body of a route that parses its bytes itself.

    ``example`` is one that works, of a model that has none.
    """
    _bodies[model.__name__] = model
    if example is not None:
        _examples[model.__name__] = example
    content = {
        "application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}
    }
    content |= {name: {"schema": schema} for name, schema in (also or {}).items()}
    return {"requestBody": {"required": is_required, "content": content}}


def submission_of(
    model: type[BaseModel], *, is_required: bool = True
) -> dict[str, Any]:
    """Return the body and headers of a route that accepts jobs."""
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "The same request again is the same job (IETF draft).",
        "schema": {"type": "string", "pattern": '^("[!#-~]{1,200}"|[!#-~]{1,200})$'},
    }
    return {**body_of(model, is_required=is_required), "parameters": [key]}


def install(app: FastAPI) -> None:
    """Publish the schema with those bodies and the problem among its components."""

    def build() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=[
                    {"name": name, "description": told} for name, told in TAGS.items()
                ],
            )
            components = schema.setdefault("components", {})
            schemas = components.setdefault("schemas", {})
            schemas["Problem"] = PROBLEM_SCHEMA
            schema["webhooks"] = openapi_events.webhooks(REF)
            told = {
                PAYLOADS[event].__name__: PAYLOADS[event]
                for event in openapi_events.MEANING
            }
            for name, model in sorted({**_bodies, **told}.items()):
                described = model.model_json_schema(ref_template=REF)
                schemas.update(described.pop("$defs", {}))
                schemas[name] = described
            for name, example in _examples.items():
                schemas[name]["examples"] = [example]
            components["securitySchemes"] = SECURITY_SCHEMES
            _tell_scopes(schema["paths"])
            _tell_problems(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]


def _tell_scopes(paths: dict[str, Any]) -> None:
    """Say of each operation what scope it needs; with AUTH_MODE off nobody is asked."""
    for path, item in paths.items():
        for method, operation in item.items():
            needed = scope_needed(method.upper(), path, metrics_open=False)
            ways: list[dict[str, list[str]]] = [{}]
            if needed is not None:
                ways += [{scheme: [needed.value]} for scheme in SECURITY_SCHEMES]
            operation["security"] = ways


def _tell_problems(schema: dict[str, Any]) -> None:
    """Say of each operation how it refuses, in our words instead of the framework's."""
    problems = dict.fromkeys(("4XX", "5XX", "422"), PROBLEM_RESPONSE)
    for item in schema["paths"].values():
        for operation in item.values():
            told = operation["responses"]
            if told.get("422", {}).get("description") == "Validation Error":
                del told["422"]
            operation["responses"] = {**told, **problems, **told}
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)
