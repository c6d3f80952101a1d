"""What every type of event promises, asked of each one."""

import json
from datetime import datetime
from typing import Any

import pytest
from redis import Redis

from db.contracts.alert import AlertAcknowledged, AlertRaised, AlertResolved
from db.contracts.calculation_event import (
    CalculationCompleted,
    CalculationFailed,
    CalculationUpdated,
)
from db.contracts.event import (
    PAYLOADS,
    SEQUENCE_DIGITS,
    TERMINAL,
    Counts,
    EventDraft,
    EventType,
    FamilyEnded,
    FamilyProgress,
    JobAttemptLost,
    JobEnded,
    JobQueued,
    JobStarted,
    MetricsUpdated,
    Notification,
    Progress,
    QueueUpdated,
    SystemBroadcast,
    SystemUpdated,
    WebhookDisabled,
    WebhookTest,
)
from db.contracts.insight import InsightShort, InsightsUpdated
from db.contracts.market import (
    GapReason,
    MarketChanges,
    MarketMissed,
    MarketUpdated,
    MarketValues,
)
from db.contracts.payload import Payload
from db.contracts.provider import BudgetWarned, LogWritten, ProviderChanged
from db.contracts.service_standing import (
    CacheStanding,
    CalculationMetrics,
    LiveMetrics,
    OverviewHealth,
    QueueShort,
    RevenueSummary,
    SocketMetrics,
    SystemHealth,
    SystemMetrics,
)
from db.contracts.settings import Settings
from db.contracts.termination import Termination
from db.embedded_valkey import EmbeddedValkey
from db.stream import Entry, Stream, Verdict

EACH = pytest.mark.parametrize("type_", EventType)
TEXT = 'quotes " and \\, a line\nbreak, %012d, ünïcode \N{WHITE SMILING FACE}, </b>'
PROGRESS = Progress(
    attempt=1,
    method="tabu_search",
    objective=-(2**62),
    bound=0.1,
    iterations=3,
    elapsed_s=1.5,
    permutation=[1, 0],
)
ENDED = JobEnded(attempt=1, objective=1, termination=Termination.TIME_LIMIT)
NOUNS = {
    *("job", "batch", "benchmark", "calculation"),
    *(
        "metrics",
        "system",
        "queue",
        "notification",
        "webhook",
        "market",
        "provider",
        "log",
        "budget",
        "alert",
        "insights",
    ),
}
COUNTS = Counts(total=9, waiting=3, queued=1, running=2, succeeded=3)
ALERT: dict[str, Any] = {
    "id": "alt_1",
    "rule": TEXT,
    "rule_id": "alr_1",
    "alert_type": "state",
    "severity": "critical",
    "subject": "provider:prv_1",
    "provider": TEXT,
    "provider_id": "prv_1",
    "message": TEXT,
    "value": 1.0,
    "raised_at": "2026-11-23T00:00:00.000Z",
}
CALCULATION = {"calculation_id": TEXT, "calculation_type": "solve", "job": "job_1"}
EXAMPLES: dict[type[Payload], Payload] = {
    InsightsUpdated: InsightsUpdated(
        data=[
            InsightShort(
                id="ins_1",
                title=TEXT,
                description=TEXT,
                confidence=79.5,
                impact_estimate=TEXT,
                action_type="route_auto",
                priority="high",
                timestamp="2026-11-23T00:00:00.000Z",
            )
        ]
    ),
    JobQueued: JobQueued(kind="solve", queue="bulk", attempt=0, reason=TEXT),
    JobStarted: JobStarted(attempt=1, worker=TEXT),
    Progress: PROGRESS,
    JobAttemptLost: JobAttemptLost(attempt=1, reason=TEXT, checkpoint_objective=7),
    JobEnded: ENDED,
    FamilyProgress: FamilyProgress(attempt=1, counts=COUNTS, elapsed_s=1.5),
    FamilyEnded: FamilyEnded(attempt=1, counts=COUNTS),
    WebhookDisabled: WebhookDisabled(endpoint="ep_1", description=TEXT, reason=TEXT),
    WebhookTest: WebhookTest(endpoint="ep_1"),
    Notification: Notification(
        id="ntf_1", channel="system", notification_type="x", level="info", message=TEXT
    ),
    MetricsUpdated: MetricsUpdated(
        live=LiveMetrics(
            total_clients=3,
            active_calls=1,
            calls_today=20,
            monthly_call_volume=300,
            revenue_today=1.25,
            success_rate=97.5,
            ai_optimization_score=88.25,
            system_uptime=100.0,
            agents_active=2,
            campaigns_running=1,
            last_updated="2026-01-02T03:04:05.678Z",
        ),
        calculations=CalculationMetrics(
            total_calculations=9,
            last_24h_calculations=4,
            average_processing_time_ms=12.5,
            success_rate=0.975,
            revenue_summary=RevenueSummary(
                total_revenue=1.1,
                base_revenue=0.9,
                premium_revenue=0.2,
                projected_monthly=18.0,
            ),
        ),
    ),
    SystemUpdated: SystemUpdated(
        system_metrics=SystemMetrics(system_health="healthy"),
        active_websocket_clients=2,
        system_health=SystemHealth(
            status="healthy",
            metrics=SocketMetrics(
                active_connections=2, cache_hit_rate=0.5, uptime_seconds=9.5
            ),
            data=OverviewHealth(
                status="operational",
                uptime=100.0,
                services_online=7,
                total_services=7,
                last_check="2026-01-02T03:04:05.678Z",
            ),
        ),
        caches={
            "solve": CacheStanding(
                size=1,
                max_size=1000,
                hit_count=1,
                miss_count=1,
                hit_rate=0.5,
                ttl_seconds=300.0,
            )
        },
    ),
    QueueUpdated: QueueUpdated(
        items=[
            QueueShort(
                name="bulk", waiting=3, running=1, oldest_age_s=1.5, paused=False
            )
        ]
    ),
    CalculationUpdated: CalculationUpdated(
        **CALCULATION, status="processing", progress=12.5, message=TEXT
    ),
    CalculationCompleted: CalculationCompleted(
        **CALCULATION,
        status="completed",
        result={"objective": 578, "permutation": [1, 0]},
        completed_at="2026-01-02T03:04:05.678Z",
        data={"processing_time_ms": 12.5},
    ),
    CalculationFailed: CalculationFailed(
        **CALCULATION,
        status="error",
        error=TEXT,
        message=TEXT,
        code="internal",
        suggestion="",
    ),
    SystemBroadcast: SystemBroadcast(text='{"type": "hello", "n": 1.50}'),
    MarketUpdated: MarketUpdated(
        sequence=179_000_000,
        source="simulated",
        simulated=True,
        since_s=10.0,
        values=MarketValues(discount_rate=0.08, tech_index=101.5),
        changes=MarketChanges(discount_rate=-0.0001),
    ),
    MarketMissed: MarketMissed(
        sequence=179_000_001,
        source="provider:rates.example",
        simulated=False,
        reason=GapReason.BAD_STATUS,
        detail="503",
    ),
    ProviderChanged: ProviderChanged(
        id="prv_1",
        provider=TEXT,
        old_status="online",
        new_status="offline",
        reason=TEXT,
        since="2026-11-23T00:00:00.000Z",
        response_time_ms=12.5,
    ),
    LogWritten: LogWritten(log_type="failure", entry={"provider": TEXT}),
    BudgetWarned: BudgetWarned(
        id="prv_1",
        provider=TEXT,
        limit_type="per_minute",
        limit_value=50,
        current_usage=40,
        percentage=80.0,
        severity="warning",
        reset_time="2026-11-23T00:00:00.000Z",
    ),
    AlertRaised: AlertRaised(**ALERT),
    AlertResolved: AlertResolved(
        **ALERT,
        resolution="over",
        resolved_at="2026-11-23T00:01:00.000Z",
        lasted_s=60.0,
        count=3,
    ),
    AlertAcknowledged: AlertAcknowledged(
        **ALERT,
        acknowledged_by="key:alice",
        acknowledged_at="2026-11-23T00:00:30.000Z",
        note=TEXT,
    ),
}


def draft(type_: EventType) -> EventDraft:
    return EventDraft(
        id="evt_1.1",
        type=type_,
        job_id="job_1",
        time=1_700_000_000.25,
        attempt=1,
        data=EXAMPLES[PAYLOADS[type_]].model_dump_json(exclude_none=True),
    )


def test_every_type_has_a_payload_and_an_example() -> None:
    assert set(PAYLOADS) == set(EventType)
    assert set(PAYLOADS.values()) == set(EXAMPLES)


@EACH
def test_a_type_is_a_noun_and_what_happened_to_it(type_: EventType) -> None:
    noun, _, happened = type_.value.partition(".")
    assert noun in NOUNS
    assert happened.replace("_", "").isalpha()
    assert type_.is_terminal == (type_ in TERMINAL)


@EACH
def test_a_rendered_event_is_a_cloud_event(type_: EventType) -> None:
    event = json.loads(draft(type_).render(42, "e1"))
    assert list(event) == [
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "time",
        "sequence",
        "epoch",
        "datacontenttype",
        "data",
    ]
    assert event["specversion"] == "1.0"
    assert event["source"] == "/v1/jobs/job_1"
    assert event["type"] == type_.value
    assert event["subject"] == "job_1"
    assert event["epoch"] == "e1"
    assert event["datacontenttype"] == "application/json"
    assert datetime.fromisoformat(event["time"]).timestamp() == 1_700_000_000.25


@EACH
def test_the_sequence_sorts_as_text(type_: EventType) -> None:
    numbers: list[Any] = [
        json.loads(draft(type_).render(number, "e1"))["sequence"]
        for number in (1, 9, 10, 99_999)
    ]
    assert numbers == sorted(numbers)
    assert {len(number) for number in numbers} == {SEQUENCE_DIGITS}


@EACH
def test_the_data_is_the_payload(type_: EventType) -> None:
    payload = PAYLOADS[type_]
    data = json.loads(draft(type_).render(1, "e1"))["data"]
    assert payload.model_validate(data) == EXAMPLES[payload]


@EACH
def test_the_log_holds_the_bytes_that_render_makes(
    type_: EventType, valkey: EmbeddedValkey, redis: Redis
) -> None:
    stream = Stream(Settings(redis_url=valkey.redis_url))
    event = draft(type_)
    assert stream.append([Entry(event, fence=1)]) == [Verdict.APPENDED]
    (published,) = stream.read("job_1", after=0)
    stream.close()
    assert published.body == event.render(1, published.epoch)
    ((_, told),) = redis.xrange("solvequeue:firehose")
    assert told["body"] == published.body


def test_a_sequence_of_more_digits_is_padded_alike(
    valkey: EmbeddedValkey, redis: Redis
) -> None:
    stream = Stream(Settings(redis_url=valkey.redis_url))
    redis.hset("solvequeue:head:job_1", mapping={"epoch": "e1", "sequence": 10**11 - 1})
    event = draft(EventType.JOB_PROGRESS)
    stream.append([Entry(event, fence=1)])
    (published,) = stream.read("job_1", after=10**11 - 1)
    stream.close()
    assert published.body == event.render(10**11, "e1")
