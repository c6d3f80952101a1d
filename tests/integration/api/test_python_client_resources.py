"""The Python client against the real service: what is not jobs."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from api.client import Client, ConflictError, NotFoundError
from db.announcement import notify
from db.backplane import Backplane
from db.contracts.alert import AlertKind
from db.contracts.notification import OPERATORS
from db.repositories.jobs import database_time
from tests.colours import COLOURS, opened
from tests.integration.api.live import LiveApi
from tests.integration.api.test_insights import FOUND, ID, put
from tests.recorded_checks import add_provider, record_check
from tests.sample_alerts import BAD, add_rule, all_alerts, check
from tests.sample_alerts import add_provider as add_watched
from tests.sample_market import present, take
from tests.sample_notifications import new_notification

SOLVE: dict[str, Any] = {"instance": {"name": "nug12"}, "limits": {"iterations": 10}}


@pytest.fixture(params=COLOURS)
def python(request: pytest.FixtureRequest, live: LiveApi) -> Iterator[Client]:
    with opened(request.param, live.url) as client:
        yield client


def test_schedules(python: Client, app_backplane: Backplane) -> None:
    made = python.schedules.create("nightly", SOLVE, cron="0 3 * * *")
    assert (made.kind, made.paused, len(made.next_times or [])) == ("solve", False, 5)
    changed = python.schedules.change(made.id, cron="0 4 * * *", overlap="allow")
    assert (changed.cron, changed.overlap) == ("0 4 * * *", "allow")
    assert python.schedules.pause(made.id).paused
    assert not python.schedules.resume(made.id).paused
    started = python.schedules.trigger(made.id)
    assert (started.origin, started.origin_id) == ("schedule", made.id)
    (run,) = python.schedules.runs(made.id)
    assert (run.cause, run.job_id) == ("trigger", started.id)
    assert [each.id for each in python.schedules.all()] == [made.id]
    python.schedules.delete(made.id)
    with pytest.raises(NotFoundError):
        python.schedules.get(made.id)


def test_providers(python: Client, app_backplane: Backplane) -> None:
    made = python.providers.create(
        "Prices", url="https://prices.example/v1", category="market_data", tier=1
    )
    with pytest.raises(ConflictError):
        python.providers.create("prices", url="https://two.example", category="a")
    assert python.providers.get(made.id).tier == 1
    assert python.providers.change(made.id, tier=3).tier == 3
    assert python.providers.pause(made.id).paused
    assert not python.providers.resume(made.id).paused
    assert python.providers.check(made.id).id == made.id
    watched = add_provider(app_backplane.database, name="Watched").id
    with app_backplane.database.transaction() as connection:
        record_check(connection, watched, database_time(connection) - 5)
    (seen,) = python.providers.checks(watched)
    assert seen.outcome == "success"
    assert list(python.providers.checks(watched, outcome="failed")) == []
    assert list(python.providers.series(watched)) == []
    numbers = python.providers.statistics(watched, hours=1)
    assert (numbers.attempts.calls, numbers.window.hours) == (1, 1)
    assert {each.name for each in python.providers.all(search="pric")} == {"Prices"}
    assert python.providers.registry().faults == []
    python.providers.delete(made.id)


def test_alerts_and_their_rules(python: Client, app_backplane: Backplane) -> None:
    rule = python.alert_rules.create("old", "queue_age", value=60)
    assert python.alert_rules.change(rule.id, value=90).value == 90
    assert python.alert_rules.get(rule.id).value == 90
    (listed,) = python.alert_rules.all(kind="queue_age")
    python.alert_rules.delete(listed.id)
    database = app_backplane.database
    add_rule(database, AlertKind.STATE, states=("offline",), name="gone")
    check(database, add_watched(database, "Etherscan"), BAD)
    (alert,) = python.alerts.all(state="open")
    assert alert.id == all_alerts(database)[0].id
    seen = python.alerts.acknowledge(alert.id, note="on it")
    assert (seen.acknowledged, seen.note) == (True, "on it")
    assert python.alerts.resolve(alert.id).resolution == "by_hand"
    assert python.alerts.get(alert.id).state == "resolved"


def test_insights_and_automations(python: Client, app: FastAPI) -> None:
    put(app, FOUND)
    (insight,) = python.insights.all(holds=True)
    assert insight == python.insights.get(ID)
    assert insight.evidence.test == "Wilcoxon"
    switched = {each.name: each for each in python.automations.enable("route_auto")}
    assert switched["route_auto"].enabled
    assert not switched["pause_provider"].enabled
    python.automations.disable("route_auto")
    assert not any(each.enabled for each in python.automations.all())
    assert list(python.automations.log()) == []
    with pytest.raises(NotFoundError):
        python.automations.undo("aut_" + "0" * 32)


def test_notifications(python: Client, app_backplane: Backplane) -> None:
    for cause in "abc":
        assert notify(app_backplane, new_notification(cause, owner=OPERATORS))
    listed = list(python.notifications.all(limit=2))
    assert len(listed) == python.notifications.unread_count() == 3
    assert python.notifications.mark_read(listed[0].id).read
    assert not python.notifications.mark_unread(listed[0].id).read
    assert python.notifications.get(listed[1].id) == listed[1]
    assert python.notifications.mark_all_read(listed[1].id) == 2
    assert python.notifications.mark_all_read() == 1


def test_thresholds_and_live_calculations(
    python: Client, app_backplane: Backplane
) -> None:
    take(app_backplane, present(app_backplane))
    live = python.live_calculations.create(
        "npv",
        {"cash_flows": [100.0, 120.0], "initial_investment": 150.0},
        {"/discount_rate": "discount_rate"},
    )
    assert python.live_calculations.get(live.id).state == "live"
    assert [each.id for each in python.live_calculations.all()] == [live.id]
    made = python.thresholds.create(
        "low",
        watches=f"calculation:{live.id}",
        pointer="/npv",
        condition="below",
        value=1,
    )
    assert python.thresholds.change(made.id, value=2).value == 2
    assert not python.thresholds.disable(made.id).enabled
    assert python.thresholds.enable(made.id).enabled
    assert [each.id for each in python.thresholds.all()] == [made.id]
    python.thresholds.delete(made.id)
    python.live_calculations.delete(live.id)
    with pytest.raises(NotFoundError):
        python.live_calculations.get(live.id)


def test_the_market(python: Client, app_backplane: Backplane) -> None:
    now = present(app_backplane)
    take(app_backplane, now, now + 1)
    state = python.market.latest()
    assert (state.sequence, state.simulated) == (now + 1, True)
    assert [tick.sequence for tick in python.market.history(limit=1)] == [now + 1, now]
    assert python.market.history_csv(limit=1).count("\n") == 2
    assert {each.field for each in python.market.model().fields} == set(state.values)


def test_queues_and_workers(python: Client) -> None:
    assert python.queues.pause("bulk").paused_at
    assert {each.name for each in python.queues.all() if each.paused_at} == {"bulk"}
    assert python.queues.resume("bulk").paused_at is None
    assert python.workers.all().items == []


def test_health_numbers_and_limits(python: Client) -> None:
    health = python.health()
    assert (health.status, health.components["cache"]) == ("healthy", "ok")
    assert python.readiness().is_ready
    assert python.limits().max_order == 1000
    assert python.metrics.now().shared
    assert python.metrics.live().active_calls == 0
    assert python.metrics.stats().jobs.keys() >= {"queued", "running"}
    assert python.metrics.global_stats().total_revenue == 0
    assert python.metrics.revenue().currency
    series = {each.name for each in python.metrics.series()}
    assert "workers" in series
    history = python.metrics.history("workers", tier="raw")
    assert (history.series, history.period_s) == ("workers", 10)
    assert {each.kind for each in python.prices()} >= {"solve", "batch"}
    assert python.invoices("2026-01") == []


def test_methods_instances_and_keys(python: Client) -> None:
    assert python.method("tabu_search") in python.methods()
    assert python.instance("nug12").best_known == 578
    stored = python.upload_instance(flow=[[0, 1], [2, 0]], distance=[[0, 3], [4, 0]])
    assert python.instance(stored.sha256).order == 2
    key = python.create_key("ann", scopes=["jobs:read"])
    assert key.key not in repr(key)
    (listed,) = python.keys()
    assert listed.prefix == key.prefix
    python.revoke_key(key.prefix)
    assert python.keys()[0].revoked_at


def test_channels(python: Client, app_backplane: Backplane) -> None:
    assert {"metrics", "alerts"} <= {each.name for each in python.channels.all()}
    now = present(app_backplane)
    take(app_backplane, now, now + 1)
    told = list(python.channels.log("market_data"))
    assert [event.type for event in told] == ["market.updated"] * 2
    again = python.channels.events("market_data", after=told[0].number)
    assert next(again).id == told[1].id


def test_webhooks(python: Client) -> None:
    made = python.webhooks.create(mode="pull", events=["job.succeeded"])
    assert python.webhooks.change(made.id, description="mine").description == "mine"
    assert python.webhooks.pause(made.id).state == "paused"
    assert python.webhooks.resume(made.id).state == "active"
    assert python.webhooks.rotate(made.id).secret != made.secret
    delivery = python.webhooks.test(made.id)
    (fetched,) = python.webhooks.fetch(made.id)
    assert fetched.id == delivery
    settled = python.webhooks.settle(fetched, status_code=204, duration_ms=1.0)
    assert settled.state == "delivered"
    assert [each.id for each in python.webhooks.deliveries(made.id)] == [delivery]
    assert python.webhooks.resend(delivery).state == "pending"
    python.webhooks.delete(made.id)
    assert list(python.webhooks.all()) == []
