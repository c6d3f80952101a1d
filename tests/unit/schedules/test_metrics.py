"""What a sample tells is what happened, and two couriers take one."""

import threading

import pytest
from sqlalchemy import delete, func, insert, select, update

from db.backplane import Backplane
from db.contracts.job_kind import Queue
from db.contracts.job_state import JobState
from db.contracts.metric import HTTP_DURATION, HTTP_REQUESTS, JOBS_FINISHED, WEBSOCKETS
from db.contracts.provider import CheckOutcome, Origin, ProviderState
from db.contracts.series import SERIES, SeriesKind, Tier
from db.embedded_valkey import EmbeddedValkey
from db.engine import now
from db.models import MetricMark, MetricPoint, Provider, ProviderCheck
from db.repositories import metric_points, provider_statistics, providers
from db.repositories.metric_points import Point
from db.repositories.providers import Description
from schedules.metrics import forget, sample
from tests import sample_jobs
from tests.conftest import OpenBackplane
from tests.sample_workers import solver

WORKER = solver(slots=4)


def sampled(backplane: Backplane) -> dict[str, Point]:
    """Sample, as if a period had gone by since the sample before; return it."""
    with backplane.database.transaction() as connection:
        moved = update(MetricMark).values(sampled_at=MetricMark.sampled_at - 10)
        connection.execute(moved)
        connection.execute(delete(MetricPoint))
    sample(backplane)
    with backplane.database.reading() as connection:
        newest = connection.execute(select(func.max(MetricPoint.at))).scalar_one()
        names = connection.execute(
            select(MetricPoint.series).where(MetricPoint.at == newest)
        ).scalars()
        return {
            name: metric_points.read(
                connection, name, Tier.RAW, since=newest, until=newest + 1
            )[newest]
            for name in names
        }


def value(points: dict[str, Point], name: str) -> float:
    point = points[name]
    return point.mean if SERIES[name].kind is SeriesKind.GAUGE else point.total


def watch(backplane: Backplane, name: str, state: ProviderState) -> str:
    with backplane.database.transaction() as connection:
        made = providers.add(
            connection, Description(name=name, category="x"), origin=Origin.API
        )
        connection.execute(
            update(Provider).where(Provider.id == made.id).values(state=state.value)
        )
    return str(made.id)


def check(
    backplane: Backplane,
    provider_id: str,
    outcomes: dict[int, tuple[CheckOutcome, float | None]],
    *,
    ago_s: float,
) -> None:
    with backplane.database.transaction() as connection:
        for number, (outcome, response_ms) in outcomes.items():
            row = connection.execute(
                insert(ProviderCheck)
                .values(
                    provider_id=provider_id,
                    number=number,
                    due_at=now() - ago_s,
                    at=now() - ago_s,
                    endpoint="https://a.example",
                    outcome=outcome.value,
                    response_ms=response_ms,
                    size=0,
                    retries=0,
                )
                .returning(ProviderCheck)
            )
            provider_statistics.count(connection, ProviderCheck(**row.mappings().one()))


def test_every_series_moves_with_what_happens(backplane: Backplane) -> None:
    database, meter = backplane.database, backplane.meter
    sample(backplane)
    before = sampled(backplane)
    for _ in range(2):
        sample_jobs.wait_long(database, sample_jobs.submit(database))
    sample_jobs.submit(database, queue=Queue.BULK.value)
    sample_jobs.submit(database, queue=Queue.STANDARD.value, held=True)
    sample_jobs.claim_new(database)
    backplane.presence.tell_worker(WORKER)
    meter.gauge(WEBSOCKETS, lambda: 6.0)
    for status, count in (("200", 7), ("404", 2), ("500", 1)):
        meter.count(HTTP_REQUESTS, "GET", "/v1/jobs", status, by=count)
    meter.count(HTTP_REQUESTS, "GET", "/healthz", "500", by=50)
    for seconds in (0.01, 0.02, 3.0):
        meter.observe(HTTP_DURATION, seconds, "/v1/jobs")
    meter.observe(HTTP_DURATION, 60.0, "/metrics")
    meter.count(JOBS_FINISHED, "solve", "auto", JobState.SUCCEEDED.value, by=3)
    meter.count(JOBS_FINISHED, "solve", "auto", JobState.FAILED.value)
    backplane.cache.put("seen", "job_1", "solve")
    for name in ("seen", "seen", "unseen"):
        backplane.cache.find(name, "solve")
    first = watch(backplane, "first", ProviderState.ONLINE)
    watch(backplane, "second", ProviderState.OFFLINE)
    ok, bad = (CheckOutcome.SUCCESS, 100.0), (CheckOutcome.TIMEOUT, None)
    slow, not_made = (CheckOutcome.SUCCESS, 300.0), (CheckOutcome.BLOCKED, None)
    check(backplane, first, {3: ok, 4: bad, 5: slow, 6: not_made}, ago_s=60)
    check(backplane, first, {1: bad, 2: bad}, ago_s=7300)
    after = sampled(backplane)
    told = {
        "jobs_queued": 4,
        "jobs_running": 1,
        "queue_waiting.interactive": 2,
        "queue_waiting.bulk": 1,
        "queue_waiting.standard": 0,
        "workers": 1,
        "worker_slots": 4,
        "worker_busy_ratio": 0.25,
        "websockets": 6,
        "http_requests": 10,
        "http_errors": 1,
        "http_duration": pytest.approx(3.03),
        "jobs_ended.solve": 4,
        "jobs_failed.solve": 1,
        "jobs_ended.batch": 0,
        "cache_hits": 2,
        "cache_misses": 1,
        "providers": 2,
        "providers_online": 1,
        "providers_degraded": 0,
        "providers_offline": 1,
        "provider_response": 200,
        "provider_requests_hour": 3,
        "provider_failures_hour": 1,
    }
    assert {name: value(after, name) for name in told} == told
    assert value(after, "queue_oldest_age.interactive") == pytest.approx(60, abs=5)
    assert after["http_duration"].histogram.count == 3
    for name in ("host_memory_ratio", "home_disk_free"):
        assert value(after, name) > 0
    # What nobody can know is left out: no slots, no share of them that is busy.
    assert set(after) - set(before) == {"worker_busy_ratio", "provider_response"}
    ratios = {name for name, each in SERIES.items() if each.kind is SeriesKind.RATIO}
    missing = set(SERIES) - set(after) - ratios
    # In so short a time no processor may have counted a tick.
    assert missing <= {"host_cpu_ratio"}
    later = sampled(backplane)
    assert [value(later, name) for name in ("http_requests", "cache_hits")] == [0, 0]


def test_couriers_at_once_take_one_sample(
    backplane: Backplane,
    open_backplane: OpenBackplane,
    database_url: str,
    valkey: EmbeddedValkey,
) -> None:
    others = [
        open_backplane(database_url=database_url, redis_url=valkey.redis_url)
        for _ in range(2)
    ]
    together = threading.Barrier(3)

    def work(courier: Backplane) -> None:
        together.wait(30)
        sample(courier)

    threads = [
        threading.Thread(target=work, args=(each,)) for each in (backplane, *others)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with backplane.database.reading() as connection:
        points = metric_points.read(
            connection, "workers", Tier.RAW, since=0, until=1e11
        )
    # A period may have ended meanwhile.
    assert 1 <= len(points) <= 2
    assert {point.samples for point in points.values()} == {1}


def test_while_redis_is_away_only_it_is_missing(
    open_backplane: OpenBackplane, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    sample(backplane)
    own_valkey.stop()
    points = sampled(backplane)
    assert {"jobs_queued", "home_disk_free"} <= set(points)
    assert not {"workers", "websockets", "http_requests"} & set(points)


def test_what_is_old_is_forgotten(sqlite_backplane: Backplane) -> None:
    sample(sqlite_backplane)
    week = 7 * 86_400.0
    database = sqlite_backplane.database
    with database.transaction() as connection:
        connection.execute(update(MetricPoint).values(at=MetricPoint.at - week))
        connection.execute(update(MetricMark).values(minute_at=now()))
    forget(sqlite_backplane)
    with database.reading() as connection:
        assert connection.execute(select(MetricPoint.at)).all() == []
