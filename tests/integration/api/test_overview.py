"""The rows of the earlier overview: in their shapes, and every field moves.

What a row tells is asked, something happens, and it is asked again.
"""

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI
from redis import Redis
from sqlalchemy import insert, update
from starlette.testclient import TestClient

from api.earnings import expected_month
from db.backplane import Backplane
from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS
from db.contracts.price import PriceList
from db.contracts.provider import Origin
from db.embedded_valkey import EmbeddedValkey
from db.models import Provider, UsageOfDay
from db.repositories import providers
from db.repositories.charges import DAY_SECONDS
from db.repositories.providers import Description
from schedules.revenue import add_up
from tests import sample_jobs
from tests.integration.api.conftest import OWN_HOST, MakeApp
from tests.integration.contract.shapes import (
    boolean,
    faults,
    fields,
    integer,
    list_of,
    maybe,
    moment,
    number,
    text,
)
from tests.sample_workers import SOLVER as WORKER

PRICES = PriceList.parse("solve=0.5,batch=2")
PERCENT, MONEY = number(0, 100), number(0)

LIVE = fields(
    total_clients=integer(0),
    active_calls=integer(0),
    calls_today=integer(0),
    revenue_today=MONEY,
    success_rate=PERCENT,
    ai_optimization_score=PERCENT,
    system_uptime=PERCENT,
    monthly_call_volume=integer(0),
    agents_active=integer(0),
    campaigns_running=integer(0),
    last_updated=moment,
)
REVENUE = fields(
    daily_revenue=MONEY,
    monthly_revenue=MONEY,
    yearly_revenue=MONEY,
    revenue_growth=number(),
    top_revenue_sources=list_of(
        fields(source=text(*KINDS), revenue=MONEY, percentage=PERCENT),
        length=len(KINDS),
    ),
    projected_monthly=MONEY,
    growth_basis=fields(last_30_days=MONEY, before=MONEY),
    projection=fields(
        method=text(), days=integer(0, 28), low=maybe(MONEY), high=maybe(MONEY)
    ),
    currency=text("USD"),
    complete=boolean,
    last_updated=moment,
)
GLOBAL = fields(
    total_ai_agents=integer(0),
    industries_covered=integer(0),
    global_success_rate=PERCENT,
    monthly_call_volume=integer(0),
    total_revenue=MONEY,
    system_uptime=PERCENT,
)
HEALTH = fields(
    status=text("operational", "degraded", "down"),
    uptime=PERCENT,
    services_online=integer(0),
    total_services=integer(1),
    last_check=moment,
)
ROWS = {
    "/metrics/live": LIVE,
    "/metrics/revenue": REVENUE,
    "/stats/global": GLOBAL,
    "/api/v1/overview/health": HEALTH,
}


@pytest.fixture
def app(make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey) -> FastAPI:
    return make_app(database_url=sqlite_url, redis_url=valkey.redis_url, prices=PRICES)


@pytest.fixture
def ask(app: FastAPI) -> Callable[[str], dict[str, Any]]:
    client = TestClient(app, client=OWN_HOST)

    def get(path: str) -> dict[str, Any]:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        assert faults(ROWS[path], told) == []
        return told

    return get


def used(backplane: Backplane, days_ago: int, *, jobs: int) -> None:
    """Let so many solves have been added up on a day."""
    today = int(time.time() // DAY_SECONDS)
    values = {"kind": "solve", "price": 1, "jobs": jobs, "cpu_ms": 0}
    with backplane.database.transaction() as connection:
        connection.execute(insert(UsageOfDay).values(day=today - days_ago, **values))


def succeed(backplane: Backplane, *, quality: float | None = None) -> None:
    claimed = sample_jobs.claim_new(backplane.database)
    sample_jobs.finish(backplane.database, claimed)
    sample_jobs.set_row(backplane.database, claimed.job_id, quality=quality)


def fail(backplane: Backplane) -> None:
    claimed = sample_jobs.claim_new(backplane.database)
    sample_jobs.finish(backplane.database, claimed, JobState.FAILED)


def batch(backplane: Backplane) -> None:
    family = sample_jobs.submit(backplane.database, kind="batch", children=2)
    sample_jobs.set_row(backplane.database, family, state=JobState.RUNNING.value)


def of_last_week(backplane: Backplane) -> None:
    job_id = sample_jobs.submit(backplane.database)
    week_ago = time.time() - 7 * DAY_SECONDS
    sample_jobs.set_row(backplane.database, job_id, created_at=week_ago)


def bad_minute(backplane: Backplane) -> None:
    backplane.presence.tell_service()
    with Redis.from_url(backplane.settings.redis) as redis:
        minute = int(time.time() // 60)
        redis.hset("solvequeue:health", mapping={str(minute - 3): 0, str(minute): 1})


def time_goes_on(backplane: Backplane) -> None:
    """Nothing happens but time."""


MOVES: dict[str, dict[str, Callable[[Backplane], None]]] = {
    "/metrics/live": {
        "total_clients": lambda b: (
            sample_jobs.submit(b.database, caller="key:new") and None
        ),
        "active_calls": lambda b: sample_jobs.claim_new(b.database) and None,
        "calls_today": lambda b: sample_jobs.submit(b.database) and None,
        "revenue_today": succeed,
        "success_rate": fail,
        "ai_optimization_score": lambda b: succeed(b, quality=0.5),
        "system_uptime": bad_minute,
        "monthly_call_volume": of_last_week,
        "agents_active": lambda b: b.presence.tell_worker(WORKER),
        "campaigns_running": batch,
        "last_updated": time_goes_on,
    },
    "/metrics/revenue": {
        "daily_revenue": succeed,
        "monthly_revenue": lambda b: used(b, 20, jobs=3),
        "yearly_revenue": lambda b: used(b, 300, jobs=3),
        "revenue_growth": lambda b: used(b, 4, jobs=9),
        "top_revenue_sources": lambda b: used(b, 5, jobs=3),
        "projected_monthly": lambda b: used(b, 6, jobs=3),
        "growth_basis": lambda b: used(b, 45, jobs=3),
        "projection": lambda b: used(b, 7, jobs=3),
        "last_updated": time_goes_on,
    },
    "/stats/global": {
        "total_ai_agents": lambda b: b.presence.tell_worker(WORKER),
        "industries_covered": lambda b: (
            sample_jobs.finish(
                b.database,
                sample_jobs.claim(
                    b.database, sample_jobs.submit(b.database, kind="calculate")
                ),
            )
            and None
        ),
        "global_success_rate": fail,
        "monthly_call_volume": of_last_week,
        "total_revenue": lambda b: used(b, 3000, jobs=3),
        "system_uptime": bad_minute,
    },
    "/api/v1/overview/health": {
        "uptime": bad_minute,
        "services_online": lambda b: b.presence.tell_worker(WORKER),
        "last_check": time_goes_on,
    },
}
STAND_STILL = {
    "/metrics/live": set[str](),
    # By settings, and by how much waits: see below.
    "/metrics/revenue": {"currency", "complete"},
    "/stats/global": set[str](),
    # By a part that goes away, and by what is watched.
    "/api/v1/overview/health": {"status", "total_services"},
}
CASES = [(path, name) for path, moves in MOVES.items() for name in moves]


@pytest.mark.parametrize(("path", "name"), CASES)
def test_every_field_moves_with_what_happens(
    app_backplane: Backplane,
    ask: Callable[[str], dict[str, Any]],
    path: str,
    name: str,
) -> None:
    # So that something is there, which averages and growth need.
    succeed(app_backplane, quality=1.0)
    add_up(app_backplane)
    used(app_backplane, 40, jobs=5)
    used(app_backplane, 8, jobs=5)
    before = ask(path)
    assert before.keys() - STAND_STILL[path] == MOVES[path].keys()
    MOVES[path][name](app_backplane)
    assert ask(path)[name] != before[name]


def test_nothing_that_happened_is_nothing_that_was_earned(
    ask: Callable[[str], dict[str, Any]],
) -> None:
    told = ask("/metrics/revenue")
    numbers = ("daily", "monthly", "yearly")
    assert {told[f"{name}_revenue"] for name in numbers} == {0}
    assert (told["revenue_growth"], told["projected_monthly"]) == (0, 0)
    assert {each["source"] for each in told["top_revenue_sources"]} == set(KINDS)
    assert {each["revenue"] for each in told["top_revenue_sources"]} == {0}
    assert told["projection"]["low"] is None


def test_revenue_is_told_by_day_kind_and_month(
    app_backplane: Backplane, ask: Callable[[str], dict[str, Any]]
) -> None:
    add_up(app_backplane)
    succeed(app_backplane)
    family = sample_jobs.submit(app_backplane.database, kind="batch")
    sample_jobs.finish(
        app_backplane.database, sample_jobs.claim(app_backplane.database, family)
    )
    with app_backplane.database.reading() as connection:
        numbers = {
            row.kind: row.version
            for row in connection.exec_driver_sql("select kind, version from price")
        }
    today = int(time.time() // DAY_SECONDS)
    with app_backplane.database.transaction() as connection:
        for days_ago, jobs in ((1, 6), (30, 4), (31, 2), (364, 8), (365, 100)):
            connection.execute(
                insert(UsageOfDay).values(
                    day=today - days_ago,
                    kind="solve",
                    price=numbers["solve"],
                    jobs=jobs,
                    cpu_ms=0,
                )
            )
    told = ask("/metrics/revenue")
    assert told["daily_revenue"] == 2.5
    assert told["monthly_revenue"] == 2.5 + 3
    assert told["yearly_revenue"] == 2.5 + 3 + 2 + 1 + 4
    assert told["growth_basis"] == {"last_30_days": 5.0, "before": 1.0}
    assert told["revenue_growth"] == 400
    shares = {each["source"]: each for each in told["top_revenue_sources"]}
    assert shares["solve"] == {
        "source": "solve",
        "revenue": 3.5,
        "percentage": pytest.approx(63.636),
    }
    assert [each["source"] for each in told["top_revenue_sources"]][:2] == [
        *("solve", "batch"),
    ]
    # Of twenty-eight complete days one had any: six jobs at half a dollar.
    assert told["projected_monthly"] == pytest.approx(30 * 3 / 28)
    assert told["projection"]["days"] == 28
    assert told["projection"]["low"] == 0
    assert ask("/stats/global")["total_revenue"] == 2.5 + 3 + 2 + 1 + 4 + 50
    assert ask("/metrics/live")["revenue_today"] == 2.5


def test_too_much_to_be_read_at_once_is_said(
    app_backplane: Backplane,
    ask: Callable[[str], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("db.repositories.charges.READ_AT_MOST", 2)
    for _ in range(3):
        succeed(app_backplane)
    told = ask("/metrics/revenue")
    assert (told["complete"], told["daily_revenue"]) == (False, 1.0)
    add_up(app_backplane)
    told = ask("/metrics/revenue")
    assert (told["complete"], told["daily_revenue"]) == (True, 1.5)


def test_a_month_is_expected_as_student_says() -> None:
    days = [Decimal(value) for value in (4, 6, 5, 7, 3, 5, 5, 6)]
    told = expected_month(days, so_far=Decimal(0))
    # By hand: mean 5.125, s 1.2464, t(7, 0.95) 1.89458.
    assert told.amount == pytest.approx(153.75)
    half = 1.894579 * 1.246423 * (30 + 900 / 8) ** 0.5
    assert (told.low, told.high) == (
        pytest.approx(153.75 - half, rel=1e-5),
        pytest.approx(153.75 + half, rel=1e-5),
    )
    few = expected_month(days[:3], so_far=Decimal(0))
    assert (few.amount, few.low, few.high) == (150.0, None, None)
    none = expected_month([], so_far=Decimal("1.25"))
    assert (none.amount, none.low) == (1.25, None)


def test_the_gateway_may_ask_without_a_key(guarded: FastAPI) -> None:
    client = TestClient(guarded, client=("203.0.113.7", 50_000))
    assert client.get("/api/v1/overview/health").status_code == 200
    assert client.get("/metrics/revenue").status_code == 401


def test_providers_are_services_too(
    app_backplane: Backplane, ask: Callable[[str], dict[str, Any]]
) -> None:
    with app_backplane.database.transaction() as connection:
        for name in ("online", "unknown", "paused"):
            new = Description(name=name, category="x", paused=name == "paused")
            made = providers.add(connection, new, origin=Origin.API)
            if name == "online":
                is_it = Provider.id == made.id
                connection.execute(update(Provider).where(is_it).values(state=name))
    told = ask("/api/v1/overview/health")
    # Database, Redis, broker and relay are there; solvers, couriers, beat are not.
    assert (told["services_online"], told["total_services"]) == (4 + 1, 7 + 2)


def test_without_its_database_revenue_is_unavailable_and_health_says_so(
    make_app: MakeApp, valkey: EmbeddedValkey
) -> None:
    app = make_app(
        database_url="postgresql://nobody@127.0.0.1:9/none", redis_url=valkey.redis_url
    )
    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/metrics/revenue").status_code == 503
    told = client.get("/api/v1/overview/health").json()
    assert told["status"] == "down"
    assert faults(HEALTH, told) == []
