"""What a request needs: the one rule, and all that is not as usual.

Reading needs ``jobs:read``, everything else ``jobs:write``. What is open to everyone,
what only reads although it is sent by POST, and what is for operators stands here. A
path that nobody thought of is not open.
"""

import re

from starlette.types import Scope as Connection

from db.contracts.caller import Scope

READING = frozenset({"GET", "HEAD", "OPTIONS"})
METRICS = "/metrics/prometheus"
"""Open if the settings say so."""
OPEN = frozenset(
    {
        "/",
        "/healthz",
        "/readyz",
        "/health",
        "/ready",
        "/api/v1/overview/health",
        "/dashboard",
        "/docs",
        "/redoc",
        "/problems",
        "/openapi.json",
        "/asyncapi.json",
    }
)
OPEN_BELOW = ("/dashboard/", "/docs/", "/problems/", "/static/")
ONLY_READS = frozenset({"/v1/verify", "/v1/stream-tokens", "/v1/schedules/preview"})
FOR_OPERATORS = (
    r"/admin(/.*)?",
    r"/v1/keys(/.*)?",
    r"/v1/workers(/.*)?",
    r"/v1/queues/[^/]+/(pause|resume)",
    r"/v1/providers/registry",
    r"/api/scheduler/trigger/[^/]+",
    r"/api/schedule/trigger",
    r"/api/config/keys/test",
)
WRITTEN_BY_OPERATORS = (
    r"/v1/providers(/.*)?",
    r"/v1/alert-rules(/.*)?",
    r"/v1/automations(/.*)?",
    r"/(v1|api)/alerts/.*",
)
"""What everyone may read."""
_FOR_OPERATORS = re.compile("|".join(FOR_OPERATORS), re.DOTALL)
_WRITTEN_BY_OPERATORS = re.compile("|".join(WRITTEN_BY_OPERATORS), re.DOTALL)


def scope_needed(method: str, path: str, *, metrics_open: bool) -> Scope | None:
    """Return what a caller must have for this; None is nothing at all."""
    if path in OPEN or path.startswith(OPEN_BELOW):
        return None
    if path == METRICS and metrics_open:
        return None
    if _FOR_OPERATORS.fullmatch(path):
        return Scope.ADMIN
    is_reading = method in READING or path in ONLY_READS
    if not is_reading and _WRITTEN_BY_OPERATORS.fullmatch(path):
        return Scope.ADMIN
    return Scope.READ if is_reading else Scope.WRITE


def route_path(connection: Connection) -> str:
    """Return the path that routes are compared with: without what a proxy added."""
    path: str = connection["path"]
    root: str = connection.get("root_path", "")
    return path[len(root) :] if root and path.startswith(f"{root}/") else path
