"""The contract of the QAP server, as its page tells it: one row a call.

Copied from the page that describes that server and where it meets the others, not from
our code: where the two differ, the code is wrong. Rows that are not there yet say why.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.integration.contract.answers import (
    ACCEPTED,
    ADMIN,
    BATCH,
    BENCHMARK,
    EXPORT,
    HEALTH,
    HISTORY,
    METHOD,
    METRICS,
    READY,
    ROOT,
    SOLUTION,
    STATS,
    STATUS,
)
from tests.integration.contract.shapes import (
    Shape,
    anything,
    fields,
    list_of,
    moment,
    text,
)

EIGHT = (
    "fft_laplace",
    "reverse_time",
    "genetic_algorithm",
    "simulated_annealing",
    "tabu_search",
    "variable_neighborhood",
    "ant_colony",
    "particle_swarm",
)
ERROR_CODES = (
    "VALIDATION_ERROR",
    "TIMEOUT_ERROR",
    "SERVER_ERROR",
    "RATE_LIMIT_EXCEEDED",
    "CIRCUIT_BREAKER_OPEN",
    "INTERNAL_ERROR",
)
SUMS = [[i + j for j in range(5)] for i in range(5)]
FLOW = [[0, 3, 1], [3, 0, 2], [1, 2, 0]]
DISTANCE = [[0, 5, 4], [5, 0, 6], [4, 6, 0]]
LINEAR = {"problem_matrix": SUMS}
QUADRATIC = {"problem_matrix": DISTANCE, "flow_matrix": FLOW}


@dataclass(frozen=True)
class Row:
    """One call and what its answer must be.

    In a path ``{solve}``, ``{benchmark}`` and ``{batch}`` stand for ones that ended.
    """

    method: str
    path: str
    shape: Shape | None
    body: dict[str, Any] | None = None
    status: int = 200
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    """Sent."""
    """What has still to be built for this row to hold."""

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


_TEXT = "text/plain; version=0.0.4"

ROWS: tuple[Row, ...] = (
    Row("POST", "/solve", SOLUTION, LINEAR),
    Row("POST", "/solve", SOLUTION, {**LINEAR, "problem_size": 5, "iterations": 50}),
    Row("POST", "/solve", SOLUTION, {**LINEAR, "method": "ant_colony"}),
    Row("POST", "/solve", SOLUTION, QUADRATIC),
    Row(
        "POST",
        "/solve",
        SOLUTION,
        {
            **QUADRATIC,
            "problem_size": 3,
            "method": "tabu_search",
            "iterations": 10_000,
            "random_seed": 0,
            "timeout_seconds": 3600,
            "priority": 10,
        },
    ),
    Row("POST", "/solve/batch", BATCH, {"problems": [LINEAR, QUADRATIC, LINEAR]}),
    Row(
        "POST",
        "/solve/batch",
        BATCH,
        {"problems": [LINEAR, QUADRATIC], "parallel": False},
    ),
    Row("POST", "/solve-async", ACCEPTED, LINEAR),
    Row(
        "POST",
        "/solve-async",
        ACCEPTED,
        {**QUADRATIC, "webhook_url": "https://example.com/told"},
    ),
    Row("GET", "/solve/{solve}/status", STATUS),
    Row("GET", "/solve/{batch}-0/status", STATUS),
    Row("GET", "/methods", list_of(METHOD, length=8)),
    *(Row("GET", f"/methods/{name}", METHOD) for name in EIGHT),
    Row(
        "POST",
        "/benchmark",
        BENCHMARK,
        {
            "instance_name": "nug12",
            "methods": ["tabu_search", "fft_laplace"],
            "num_runs": 2,
            "iterations_per_run": 100,
        },
    ),
    Row(
        "POST",
        "/benchmark",
        BENCHMARK,
        {"instance_name": "test_small_7x7", "methods": ["ant_colony"]},
    ),
    Row("GET", "/benchmark/{benchmark}", BENCHMARK),
    Row("GET", "/analytics/history", HISTORY),
    Row("GET", "/analytics/history?limit=1", HISTORY),
    Row("GET", "/analytics/history?method=tabu_search", HISTORY),
    Row("GET", "/analytics/export/csv", None, media_type="text/csv; charset=utf-8"),
    Row("GET", "/analytics/export/json", EXPORT),
    Row("GET", "/", ROOT),
    Row("GET", "/health", HEALTH),
    Row("GET", "/ready", READY),
    Row("GET", "/metrics", METRICS),
    Row(
        "GET",
        "/metrics",
        None,
        headers={"Accept": _TEXT},
        media_type=_TEXT,
    ),
    Row("GET", "/stats", STATS),
    Row("GET", "/admin/status", ADMIN),
    Row(
        "POST",
        "/admin/clear",
        fields(status=text("cleared"), message=text()),
    ),
    Row(
        "POST",
        "/admin/circuit-breaker/reset",
        fields(status=text("reset"), message=text()),
    ),
    Row(
        "GET",
        "/api/health",
        fields(
            status=text("healthy"),
            message=text(),
            data=fields(status=text("healthy")),
            database=anything,
            version=text(),
            timestamp=moment,
        ),
    ),
)

_JOB = "job_" + "0" * 32


@dataclass(frozen=True)
class Refusal:
    """One call that must be refused, and how."""

    method: str
    path: str
    body: Any
    status: int
    error_code: str
    pointer: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status} {self.pointer or ''}"


def _wrong(path: str, body: Any, pointer: str) -> Refusal:
    return Refusal("POST", path, body, 422, "VALIDATION_ERROR", pointer)


REFUSALS: tuple[Refusal, ...] = (
    _wrong("/solve", {}, "#/problem_matrix"),
    _wrong("/solve", {"problem_matrix": [[1, 2], [3]]}, "#/problem_matrix/1"),
    _wrong("/solve", {"problem_matrix": [[1, "a"], [3, 4]]}, "#/problem_matrix/0/1"),
    _wrong("/solve", {"problem_matrix": [[1]]}, "#/problem_matrix"),
    _wrong("/solve", {**LINEAR, "problem_size": 4}, "#/problem_size"),
    _wrong("/solve", {**LINEAR, "problem_size": 1}, "#/problem_size"),
    _wrong("/solve", {**LINEAR, "problem_size": 1001}, "#/problem_size"),
    _wrong("/solve", {**LINEAR, "iterations": 0}, "#/iterations"),
    _wrong("/solve", {**LINEAR, "random_seed": -1}, "#/random_seed"),
    _wrong("/solve", {**LINEAR, "timeout_seconds": 0}, "#/timeout_seconds"),
    _wrong("/solve", {**LINEAR, "timeout_seconds": 3601}, "#/timeout_seconds"),
    _wrong("/solve", {**LINEAR, "priority": 0}, "#/priority"),
    _wrong("/solve", {**LINEAR, "priority": 11}, "#/priority"),
    _wrong("/solve", {**QUADRATIC, "method": "guess"}, "#/method"),
    _wrong("/solve-async", {}, "#/problem_matrix"),
    _wrong("/solve/batch", {"problems": []}, "#/problems"),
    _wrong("/solve/batch", {"problems": [LINEAR] * 11}, "#/problems"),
    _wrong(
        "/solve/batch",
        {"problems": [LINEAR, {"problem_matrix": [[1, 2], [3]]}]},
        "#/problems/1/problem_matrix/1",
    ),
    _wrong(
        "/benchmark",
        {"instance_name": "nug99", "methods": ["tabu_search"]},
        "#/instance_name",
    ),
    _wrong(
        "/benchmark",
        {"instance_name": "test_5x6", "methods": ["tabu_search"]},
        "#/instance_name",
    ),
    _wrong(
        "/benchmark", {"instance_name": "nug12", "methods": ["guess"]}, "#/methods/0"
    ),
    _wrong("/benchmark", {"instance_name": "nug12", "methods": []}, "#/methods"),
    _wrong(
        "/benchmark",
        {"instance_name": "nug12", "methods": ["tabu_search"], "num_runs": 21},
        "#/num_runs",
    ),
    Refusal("GET", f"/solve/{_JOB}/status", None, 404, "NOT_FOUND"),
    Refusal("GET", f"/benchmark/{_JOB}", None, 404, "NOT_FOUND"),
    Refusal("GET", "/methods/guess", None, 404, "NOT_FOUND"),
    Refusal("GET", "/nothing", None, 404, "NOT_FOUND"),
    Refusal("GET", "/solve", None, 405, "METHOD_NOT_ALLOWED"),
    Refusal(
        "GET",
        "/analytics/history?limit=0",
        None,
        422,
        "VALIDATION_ERROR",
        "#query/limit",
    ),
)
"""``error_code`` is one of the contract's wherever it has one for the case."""
