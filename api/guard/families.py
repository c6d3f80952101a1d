"""The registry of families: which requests share a bucket, and how large it is."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from db.contracts.rate_limits import Rate
from db.contracts.settings import Settings

EXEMPT = frozenset(
    {
        "/health",
        "/healthz",
        "/ready",
        "/readyz",
        "/metrics/prometheus",
        "/dashboard",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/asyncapi.json",
    }
)
"""Paths of probes, scrapers and pages: never refused, and nothing is taken for them."""
EXEMPT_BELOW = ("/dashboard/", "/docs/assets/")
"""And of the files of pages."""


@dataclass(frozen=True, slots=True)
class Family:
    """Requests that share a bucket."""

    name: str
    rate: Rate
    takes: Callable[[str, str], bool]
    """Whether a request of this method and path is one, if no earlier family's."""

    @property
    def policy(self) -> str:
        """As RateLimit-Policy tells of it."""
        return f'"{self.name}";q={self.rate.capacity};w={self.rate.window_s}'


def _posts(pattern: str) -> Callable[[str, str], bool]:
    matches = re.compile(pattern).fullmatch
    return lambda method, path: method == "POST" and matches(path) is not None


def _paths(pattern: str) -> Callable[[str, str], bool]:
    matches = re.compile(pattern).match
    return lambda _, path: matches(path) is not None


_calculates = _posts(r"/v1/calculations/[^/]+|/v1/live-calculations")
_of_calculations = _paths(r"/api/v1/|/api/(financial|scenario|industry|export)/")

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family("solve", Rate(100, 1.0), _posts(r"/solve(/batch|-async)?|/benchmark")),
        Family(
            "submit",
            Rate(600, 10.0),
            _posts(
                r"/v1/(jobs|batches|benchmarks|schedules|instances|verify|jobs/actions|webhooks|thresholds)"
                r"|/v1/jobs/[^/]+/(rerun|reproduce)|/v1/schedules/[^/]+/trigger"
                r"|/v1/providers(/[^/]+/check)?"
                r"|/v1/webhooks/[^/]+/(test|recover)|/v1/deliveries/[^/]+/resend"
            ),
        ),
        Family(
            "overview",
            Rate(600, 10.0),
            _paths(
                r"/metrics/(live|revenue)$|/insights/|/stats/global$|/api/v1/overview/"
                r"|/admin/(test/broadcast|connections)$"
            ),
        ),
        Family(
            "calculate",
            Rate(600, 10.0),
            lambda method, path: (
                _of_calculations(method, path) or _calculates(method, path)
            ),
        ),
        Family(
            "monitor",
            Rate(600, 10.0),
            _paths(r"/(api|v1/alerts|v1/alert-rules)(/|$)|/info$|/ws/stats$"),
        ),
        Family("auth_failures", Rate(20, 0.2), lambda _, __: False),
        Family("read", Rate(6000, 100.0), lambda _, __: True),
    )
}
"""The first that takes a request has it; the last takes what is left."""

AUTH_FAILURES = "auth_failures"
"""Of an address, not a caller: wrong keys and tokens, counted where they are read."""


def rates(settings: Settings) -> dict[str, Family] | None:
    """Return the families with the rates that settings give; None if there are none."""
    limits = settings.rate_limits
    unknown = set(limits.by_family) - set(FAMILIES)
    if unknown:
        raise ValueError(
            f"SOLVEQUEUE_RATE_LIMITS names {min(unknown)!r}; "
            f"the families are {', '.join(FAMILIES)}"
        )
    if not limits.is_on:
        return None
    usual = FAMILIES["solve"].rate
    of_solve = Rate(
        settings.solve_capacity or usual.capacity,
        settings.solve_refill_per_s or usual.refill_per_s,
    )
    given = {"solve": of_solve, **limits.by_family}
    return {
        name: Family(name, given.get(name, family.rate), family.takes)
        for name, family in FAMILIES.items()
    }
