"""A small past of a service, made as its users would make it: over HTTP."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from pytest_httpserver import HTTPServer

from tests.acceptance.conftest import SECONDS, Service
from tests.fleet import DOWN, HEALTHY, Fleet, Reply
from tests.waiting import wait_until

SOLVES = (
    ("nug12", "auto", 1),
    ("nug15", "tabu_search", 2),
    ("had12", "simulated_annealing", 3),
    ("esc16a", "fft_laplace", 4),
    ("nug20", "memetic", 5),
    ("chr12a", "exact", 6),
)
QUICK = {"iterations": 2000, "time_s": 2}
CALCULATIONS = ("evaluate", "npv", "irr", "monte_carlo")
"""Each as its own example asks for it."""
PROMPT = {"timeout_ms": 5000, "failures": 1, "recoveries": 1}
GONE = Reply(status=503, body=b"no")


@dataclass(frozen=True)
class History:
    """What there is to look at, by id."""

    solve: str
    """Has ended, of order 20 and with some improvements."""
    benchmark: str
    webhook: str
    down: str
    """A provider that has gone down, of which an open alert tells."""
    schedule: str


class Past:
    """Asks the service, and trusts its answers only where they are good."""

    def __init__(self, service: Service) -> None:
        self._http = httpx2.Client(
            base_url=service.stack.api_url, timeout=60, trust_env=False
        )

    def close(self) -> None:
        self._http.close()

    def get(self, path: str) -> Any:
        return self._good(self._http.get(path)).json()

    def post(self, path: str, body: Any = None, *, wait_s: float = 0) -> Any:
        headers = {"Prefer": f"wait={wait_s:g}"} if wait_s else {}
        answer = self._http.post(path, json=body, headers=headers)
        return self._good(answer).json()

    @staticmethod
    def _good(answer: httpx2.Response) -> httpx2.Response:
        assert answer.is_success, f"{answer.request.url}: {answer.text}"
        return answer


@contextmanager
def seeded(service: Service, providers: Fleet) -> Iterator[History]:
    """Yield it once all of it has happened; its receiver of webhooks goes on."""
    with (
        closing(Past(service)) as past,
        HTTPServer(host="127.0.0.1", port=0) as receiver,
    ):
        receiver.expect_request("/hook").respond_with_data("", status=204)
        receiver.expect_request("/deaf").respond_with_data("not now", status=500)
        webhook = past.post(
            "/v1/webhooks",
            {"url": receiver.url_for("/hook"), "description": "build server"},
        )["id"]
        past.post(
            "/v1/webhooks",
            {"url": receiver.url_for("/deaf"), "description": "old pager"},
        )
        down = _watch(past, providers)
        solve = _solve(past)
        benchmark = past.post(
            "/v1/benchmarks",
            {
                "instances": ["nug12", "had12", "esc16a"],
                "methods": ["tabu_search", "simulated_annealing", "genetic_algorithm"],
                "seeds": [1, 2],
                "limits": {"iterations": 300, "time_s": 1},
            },
        )["id"]
        for name in CALCULATIONS:
            path = f"/v1/calculations/{name}"
            parameters = past.get(path)["example"]
            past.post(path, {"parameters": parameters, "notify": True}, wait_s=30)
        schedule = past.post(
            "/v1/schedules",
            {
                "name": "nightly check",
                "cron": "0 3 * * *",
                "time_zone": "Europe/Berlin",
                "job": {"instance": {"name": "nug12"}, "limits": QUICK},
            },
        )["id"]
        past.post(f"/v1/schedules/{schedule}/trigger")
        wait_until(
            lambda: past.get(f"/v1/benchmarks/{benchmark}")["finished_at"],
            seconds=SECONDS,
        )
        wait_until(
            lambda: past.get(f"/v1/alerts?state=open&provider={down}")["items"],
            seconds=SECONDS,
        )
        wait_until(
            lambda: any(
                each["state"] == "delivered"
                for each in past.get(f"/v1/webhooks/{webhook}/deliveries")["items"]
            ),
            seconds=SECONDS,
        )
        yield History(
            solve=solve,
            benchmark=benchmark,
            webhook=webhook,
            down=down,
            schedule=schedule,
        )


def _solve(past: Past) -> str:
    """Run the solves; return the one that is looked at."""
    ids = [
        past.post(
            "/v1/jobs",
            {
                "instance": {"name": name},
                "method": method,
                "seed": seed,
                "limits": QUICK,
            },
        )["id"]
        for name, method, seed in SOLVES
    ]
    for each in ids:
        wait_until(
            lambda each=each: past.get(f"/v1/jobs/{each}")["finished_at"],  # type: ignore[misc]
            seconds=SECONDS,
        )
    return str(ids[4])


def _watch(past: Past, providers: Fleet) -> str:
    """Watch some; return one that goes down, and is told of."""
    past.post(
        "/v1/alert-rules",
        {
            "name": "an exchange is gone",
            "kind": "state",
            "states": ["offline"],
            "category": "exchange",
            "severity": "critical",
            "cooldown_s": 0,
        },
    )
    ids = [
        past.post(
            "/v1/providers",
            {
                "name": name,
                "category": category,
                "url": providers.script(path, *replies),
                "expectation": PROMPT,
                "every_s": every_s,
                "limits": [{"per": "hour", "calls": 1000}],
            },
        )["id"]
        for name, category, path, every_s, replies in (
            ("Rates", "market_data", "rates", 2, (HEALTHY,)),
            ("News", "news", "news", 5, (HEALTHY,)),
            ("Exchange", "exchange", "exchange", 1, (HEALTHY, HEALTHY, DOWN)),
        )
    ]
    return str(ids[-1])
