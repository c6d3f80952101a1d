"""What the published schema promises, tried on every operation with made-up input."""

import os
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.schemas import APIOperation

from api.main import create_app
from db.backplane import Backplane
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from tests import sample_schedules
from tests.integration.api.conftest import MakeApp
from tests.integration.api.story import Story

EXAMPLES = int(os.environ.get("OPENAPI_EXAMPLES", "3"))
CHECKED = (
    "not_a_server_error",
    "negative_data_rejection",
    "unsupported_method",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
DOCUMENT = create_app(Settings()).openapi()
OPERATIONS = [
    f"{method.upper()} {path}"
    for path, item in DOCUMENT["paths"].items()
    for method in item
]


@pytest.fixture
def app(make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey) -> FastAPI:
    """Return one whose breaker stays closed: without workers solves time out."""
    return make_app(
        database_url=sqlite_url, redis_url=valkey.redis_url, breaker_failures=10**9
    )


@pytest.fixture(scope="module")
def checks() -> list[Any]:
    load_all_checks()
    return CHECKS.get_by_names(list(CHECKED))


def operation_of(app: FastAPI, name: str) -> APIOperation[Any, Any, Any, Any]:
    # The same document for each: an application takes a second to write it.
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = app
    method, _, path = name.partition(" ")
    found: APIOperation[Any, Any, Any, Any] = schema[path][method]
    return found


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_keeps_what_its_schema_promises(
    app: FastAPI,
    app_backplane: Backplane,
    checks: list[Any],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.waiting.ANSWER_SECONDS", -1e6)
    operation = operation_of(app, name)
    ended = Story(app_backplane).begin().start().improve(3).end()
    running = Story(app_backplane).begin().start().improve(3)
    schedule = sample_schedules.add(app_backplane.database)
    # The events of a running job never end, if it is a stream that is asked for.
    known = [ended] if name.endswith("/events") else [ended, running]
    ids = st.sampled_from([None, *(story.job_id for story in known)])

    @seed(2024)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def fuzz(data: st.DataObject) -> None:
        case: Case = data.draw(operation.as_strategy())
        # Made-up ids are never those of a job.
        if "job_id" in case.path_parameters and (real := data.draw(ids)):
            case.path_parameters["job_id"] = real
        if "schedule_id" in case.path_parameters and data.draw(st.booleans()):
            case.path_parameters["schedule_id"] = schedule.id
        case.call_and_validate(checks=checks)

    fuzz()


def test_every_route_is_published(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    for needed in ("/v1/jobs", "/v1/jobs/{job_id}/events", "/solve", "/readyz"):
        assert needed in paths


def test_every_operation_says_that_it_may_answer_with_a_problem(app: FastAPI) -> None:
    for path, item in app.openapi()["paths"].items():
        for method, operation in item.items():
            assert "4XX" in operation["responses"], (method, path)
            problem = operation["responses"]["4XX"]["content"]
            assert list(problem) == ["application/problem+json"]
