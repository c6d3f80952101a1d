"""Which methods a path has: the answer to one that it has not must name them all."""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Match
from starlette.types import Scope


def allowed_methods(routes: Sequence[BaseRoute], scope: Scope) -> list[str]:
    """Return the methods of every route that has the path of the first that matches."""
    first = next(
        (route for route in routes if route.matches(scope)[0] is not Match.NONE), None
    )
    path = getattr(first, "path", None)
    allowed: set[str] = set()
    for route in routes:
        if path is not None and getattr(route, "path", None) == path:
            allowed |= getattr(route, "methods", None) or set()
    return sorted(allowed)
