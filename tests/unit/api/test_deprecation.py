"""What clients of a route that will go are told."""

from datetime import date

from fastapi import FastAPI
from starlette.testclient import TestClient

from api.deprecation import DEPRECATIONS, Deprecation, TellOfDeprecation
from api.main import create_app
from db.contracts.settings import Settings

OLD = Deprecation(date(2026, 11, 22), date(2027, 6, 1), "/v2/things/{thing_id}")


def client() -> TestClient:
    app = FastAPI()
    app.get("/v1/things/{thing_id}")(lambda thing_id: thing_id)
    app.get("/v2/things/{thing_id}")(lambda thing_id: thing_id)
    app.add_middleware(TellOfDeprecation, routes={"/v1/things/{thing_id}": OLD})
    return TestClient(app)


def test_a_deprecated_route_tells_when_it_goes_and_what_follows() -> None:
    headers = client().get("/v1/things/7").headers
    assert headers["deprecation"] == "@1795305600"
    assert headers["sunset"] == "Tue, 01 Jun 2027 00:00:00 GMT"
    assert headers["link"] == '</v2/things/{thing_id}>; rel="successor-version"'


def test_other_routes_say_nothing() -> None:
    answer = client().get("/v2/things/7")
    assert answer.status_code == 200
    assert "deprecation" not in answer.headers


def test_deprecated_paths_are_routes_and_the_schema_says_so() -> None:
    paths = create_app(Settings.model_construct()).openapi()["paths"]
    told = {
        path
        for path, item in paths.items()
        if any(each.get("deprecated") for each in item.values())
    }
    assert told == set(DEPRECATIONS)
