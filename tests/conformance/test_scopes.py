"""What every route needs: there is none that nobody has thought of."""

from collections.abc import Iterator

import pytest
from starlette.routing import Route

from api.main import create_app
from api.routers import ROUTERS
from api.scopes import METRICS, OPEN, scope_needed
from db.contracts.caller import Scope
from db.contracts.settings import Settings

FOR_OPERATORS = ("/admin", "/v1/keys", "/v1/workers")
"""Below these nothing is for anyone else."""
WRITTEN_BY_OPERATORS = (
    *("/v1/providers", "/v1/alert-rules", "/v1/alerts/", "/api/alerts/"),
    "/v1/automations",
)
"""Below these everyone may look."""
OPEN_ROUTES = {
    *("/", "/problems", "/healthz", "/readyz", "/health", "/ready"),
    *("/docs", "/redoc", "/openapi.json", "/asyncapi.json", "/dashboard"),
    "/api/v1/overview/health",
}
OPEN_PAGES = ("/dashboard/", "/docs/", "/problems/", "/static/")
READING_BY_POST = {"/v1/verify", "/v1/stream-tokens", "/v1/schedules/preview"}


def routes() -> Iterator[tuple[str, str]]:
    """Yield every method and path that the application answers."""
    app = create_app(Settings())
    for router in (app, *ROUTERS.values()):
        for route in router.routes:
            if isinstance(route, Route):
                for method in route.methods or ():
                    yield method, route.path


ROUTES = sorted(set(routes()))


def needed(method: str, path: str) -> Scope | None:
    filled = path.replace("{", "").replace("}", "")
    return scope_needed(method, filled, metrics_open=False)


def test_the_routes_are_found() -> None:
    assert {("GET", "/healthz"), ("POST", "/v1/jobs"), ("GET", "/docs")} <= set(ROUTES)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_route_needs_a_scope_unless_it_is_meant_to_be_open(
    method: str, path: str
) -> None:
    is_meant = path in OPEN_ROUTES or path.startswith(OPEN_PAGES)
    assert (needed(method, path) is None) == is_meant


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_what_changes_something_needs_more_than_reading(method: str, path: str) -> None:
    if needed(method, path) is Scope.READ:
        assert method in {"GET", "HEAD", "OPTIONS"} or path in READING_BY_POST


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_what_is_for_operators_needs_admin(method: str, path: str) -> None:
    is_theirs = path.startswith(FOR_OPERATORS) or path.endswith(("/pause", "/resume"))
    if path.startswith(
        (
            "/api/scheduler/trigger/",
            "/api/schedule/trigger",
            "/api/config/keys/test",
        )
    ):
        is_theirs = True
    if path.startswith(("/v1/schedules/", "/v1/webhooks/")):
        is_theirs = False
    if path.startswith(WRITTEN_BY_OPERATORS):
        is_theirs = method not in {"GET", "HEAD", "OPTIONS"}
    if path == "/v1/providers/registry":
        is_theirs = True
    assert (needed(method, path) is Scope.ADMIN) == is_theirs


def test_no_open_path_takes_anything_else() -> None:
    for method, path in ROUTES:
        if path in OPEN:
            assert method in {"GET", "HEAD"}


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/nowhere", Scope.READ),
        ("POST", "/nowhere", Scope.WRITE),
        ("BREW", "/v1/jobs", Scope.WRITE),
        ("GET", "/healthz/", Scope.READ),
        ("GET", "//healthz", Scope.READ),
        ("GET", "/problems2", Scope.READ),
        ("GET", "/v1/keys", Scope.ADMIN),
        ("DELETE", "/v1/keys/sq_aaaaaaaa", Scope.ADMIN),
        ("GET", "/v1/keys/a\nb", Scope.ADMIN),
        ("GET", "/admin", Scope.ADMIN),
        ("GET", "/admin/status", Scope.ADMIN),
        ("POST", "/v1/queues/bulk/pause", Scope.ADMIN),
        ("GET", "/v1/queues", Scope.READ),
        ("GET", "/v1/alert-rules", Scope.READ),
        ("POST", "/v1/alert-rules", Scope.ADMIN),
        ("PATCH", "/v1/alert-rules/a\nb", Scope.ADMIN),
        ("POST", "/v1/alerts/a/resolve", Scope.ADMIN),
        ("GET", "/v1/providers/x/checks", Scope.READ),
        ("POST", "/v1/providers", Scope.ADMIN),
        ("PATCH", "/v1/providers/a\nb", Scope.ADMIN),
        ("GET", "/v1/workers", Scope.ADMIN),
        ("GET", "/administration", Scope.READ),
        ("POST", "/v1/verify", Scope.READ),
    ],
)
def test_paths_are_compared_whole(method: str, path: str, scope: Scope) -> None:
    assert scope_needed(method, path, metrics_open=False) is scope


def test_metrics_are_open_only_by_a_setting() -> None:
    assert scope_needed("GET", METRICS, metrics_open=False) is Scope.READ
    assert scope_needed("GET", METRICS, metrics_open=True) is None
