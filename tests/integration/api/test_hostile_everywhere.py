"""The hostile corpus on every route there is: none of it makes a fault of ours."""

import json
import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar
from zlib import crc32

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.main import create_app
from db.backplane import Backplane
from db.contracts.settings import Settings
from tests import sample_schedules
from tests.integration.api.corpus import NUMBERS, RAW
from tests.integration.api.story import Story
from tests.integration.api.test_hostile_requests import (
    HUGE,
    MAX_BYTES,
    ODD_SEGMENTS,
)

DOCUMENT = create_app(Settings.model_construct()).openapi()
PATHS: dict[str, Any] = DOCUMENT["paths"]
EVERY = int(os.environ.get("HOSTILE_EVERY", "8"))
"""Of each list one in so many is tried, others for each place: with 1, all."""
OPERATIONS = [
    f"{method.upper()} {path}" for path, item in PATHS.items() for method in item
]
WITH_BODY = [
    f"{method.upper()} {path}"
    for path, item in PATHS.items()
    for method, operation in item.items()
    if "requestBody" in operation
]
T = TypeVar("T")
ODD_VALUES = [
    *map(str, HUGE),
    *NUMBERS,
    "",
    "\x00",
    "%",
    "\ud800",
    "a" * 5000,
    "[]",
    "1;2",
    "=1+1",
]


@pytest.fixture(autouse=True)
def nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.waiting.ANSWER_SECONDS", -1e6)


@pytest.fixture
def names(app: FastAPI, app_backplane: Backplane) -> dict[str, str]:
    """Return what stands for the names in paths, so that routes go on to the body."""
    return {
        "job_id": Story(app_backplane).begin().start().improve(3).end().job_id,
        "schedule_id": sample_schedules.add(app_backplane.database).id,
        "name": "nug12",
    }


def filled(path: str, names: dict[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda found: names.get(found[1], "nothing"), path)


def some(values: Iterable[T], place: str) -> Iterator[T]:
    """Return one in `EVERY`; all have their turn at one place or another."""
    return islice(values, crc32(place.encode()) % EVERY, None, EVERY)


def assert_no_fault(answer: Any, sent: object) -> None:
    assert answer.status_code < 500, (sent, answer.text[:300])
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", sent
        assert len(answer.content) <= MAX_BYTES, sent


def bodies() -> Iterator[bytes]:
    yield from RAW.values()
    for number in NUMBERS:
        yield f'{{"seed": {number}}}'.encode()
        yield f"[{number}]".encode()


@pytest.mark.parametrize("operation", WITH_BODY)
def test_no_body_makes_a_fault(
    client: TestClient, names: dict[str, str], operation: str
) -> None:
    method, _, path = operation.partition(" ")
    headers = {"Content-Type": "application/json"}
    for body in some(bodies(), operation):
        answer = client.request(
            method, filled(path, names), content=body, headers=headers
        )
        assert_no_fault(answer, body[:80])


@pytest.mark.parametrize("operation", WITH_BODY)
def test_no_value_of_a_field_makes_a_fault(
    client: TestClient, names: dict[str, str], operation: str
) -> None:
    method, _, path = operation.partition(" ")
    (content, *_) = PATHS[path][method.lower()]["requestBody"]["content"].values()
    named = content["schema"]["$ref"].rpartition("/")[2]
    schema = DOCUMENT["components"]["schemas"][named]
    example = schema["examples"][0]
    odd: list[Any] = [None, True, -1, 2**63, 10**30, 1e308, "", "\x00", [], {}, [[]]]
    # A body that takes any field is tried with those of its example.
    for name in schema.get("properties", example):
        # Nobody solves here what a field happens to allow.
        client.post("/admin/circuit-breaker/reset")
        for value in some(odd, operation + name):
            answer = client.request(
                method,
                filled(path, names),
                content=json.dumps(example | {name: value}),
                headers={"Content-Type": "application/json"},
            )
            assert_no_fault(answer, (name, value))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_path_or_query_makes_a_fault(
    client: TestClient, names: dict[str, str], operation: str
) -> None:
    method, _, path = operation.partition(" ")
    for place in re.findall(r"{(\w+)}", path):
        segments = [*ODD_SEGMENTS.values(), *map(str, HUGE)]
        for segment in some(segments, operation + place):
            answer = client.request(method, filled(path, names | {place: segment}))
            assert_no_fault(answer, (place, segment[:80]))
    known = PATHS[path][method.lower()].get("parameters", [])
    for parameter in known:
        if parameter["in"] != "query":
            continue
        for value in some(ODD_VALUES, operation + parameter["name"]):
            query = {parameter["name"]: value.encode("utf-8", "surrogatepass")}
            answer = client.request(method, filled(path, names), params=query)
            assert_no_fault(answer, (parameter["name"], value[:80]))
