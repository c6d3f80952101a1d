"""Alerts are raised with what they are about, one a rule and subject, and end."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, select, update

from db.backplane import Backplane
from db.contracts.alert import AlertKind, Measure, Severity
from db.contracts.budget import Usage
from db.contracts.living_worker import LivingWorker
from db.contracts.notification import OPERATORS
from db.contracts.provider import Collection, Limit, Window
from db.engine import now
from db.models import AlertStanding, ProviderCollection
from db.repositories import notices
from db.repositories.alert_measures import Around, Disk
from schedules.alerts import look_around
from tests.sample_alerts import (
    BAD,
    GOOD,
    LATE,
    add_provider,
    add_rule,
    all_alerts,
    check,
    data_of,
    look,
    types,
)
from tests.sample_jobs import set_row, submit
from tests.sample_notifications import written
from tests.sample_workers import solver


def worker(name: str) -> LivingWorker:
    return solver(id=f"here:{name}:1", name=name)


def test_a_change_of_state_is_told_with_its_alert_and_once(
    backplane: Backplane,
) -> None:
    database = backplane.database
    rule = add_rule(database, AlertKind.STATE, states=("offline",), name="gone")
    provider = add_provider(database, "one")
    assert check(database, provider, GOOD) == []
    first = check(database, provider, BAD)
    assert types(first) == ["alert.raised"]
    raised = data_of(first[0])
    assert (raised["rule_id"], raised["subject"]) == (rule, f"provider:{provider}")
    assert raised["message"] == "gone: one is offline: connection refused"
    assert {each.notice.owner for each in first} == {OPERATORS}
    assert types(check(database, provider, BAD)) == []
    assert types(check(database, provider, BAD)) == []
    (alert,) = all_alerts(database)
    assert (alert.state, alert.count, alert.told) == ("open", 3, True)
    back = check(database, provider, GOOD)
    assert types(back) == ["alert.resolved"]
    assert data_of(back[0])["count"] == 3
    (alert,) = all_alerts(database)
    assert (alert.state, alert.resolution) == ("resolved", "over")
    assert [(each.type, each.level) for each in written(database)] == [
        ("alert_raised", "warning"),
        ("alert_resolved", "info"),
    ]


def test_a_rule_is_about_a_provider_a_category_or_all(backplane: Backplane) -> None:
    database = backplane.database
    one, other = add_provider(database, "one"), add_provider(database, "other")
    third = add_provider(database, "third", category="news")
    bad = {"states": ("offline", "degraded")}
    of_one = add_rule(database, AlertKind.STATE, provider_id=one, **bad)
    of_category = add_rule(database, AlertKind.STATE, category="news", **bad)
    of_all = add_rule(database, AlertKind.STATE, **bad)
    for provider in (one, other, third):
        check(database, provider, LATE)
    raised = {(each.rule_id, each.provider_id) for each in all_alerts(database)}
    assert raised == {
        (of_one, one),
        (of_category, third),
        *((of_all, each) for each in (one, other, third)),
    }


def test_what_does_not_last_is_not_told(backplane: Backplane) -> None:
    database = backplane.database
    rule = add_rule(database, AlertKind.STATE, states=("offline",), for_s=60.0)
    provider = add_provider(database)
    assert types(check(database, provider, BAD)) == []
    assert look(backplane, rule) == []
    check(database, provider, GOOD)
    check(database, provider, BAD)
    with database.transaction() as connection:
        connection.execute(update(AlertStanding).values(beyond_since=now() - 61.0))
    # No further check is needed: it is still as it was.
    assert types(look(backplane, rule)) == ["alert.raised"]
    assert types(look(backplane, rule)) == []
    assert len(all_alerts(database)) == 1


def test_one_that_follows_soon_waits_for_the_cooldown(backplane: Backplane) -> None:
    database = backplane.database
    rule = add_rule(database, AlertKind.STATE, states=("offline",), cooldown_s=300.0)
    provider = add_provider(database)
    for seen in (BAD, GOOD, BAD):
        check(database, provider, seen)
    assert [each.state for each in all_alerts(database)] == ["resolved"]
    with database.transaction() as connection:
        connection.execute(update(AlertStanding).values(raised_at=now() - 301.0))
    assert types(look(backplane, rule)) == ["alert.raised"]
    assert [each.state for each in all_alerts(database)] == ["resolved", "open"]


def test_what_many_see_at_once_is_raised_by_one(backplane: Backplane) -> None:
    database = backplane.database
    rule = add_rule(database, AlertKind.WORKER_LOSS, value=1.0)
    nobody = Around(workers=[])
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: len(look(backplane, rule, nobody)), range(8)))
    assert sorted(told) == [0] * 7 + [2]
    (alert,) = all_alerts(database)
    assert alert.state == "open"
    assert len(written(database)) == 1
    with database.reading() as connection:
        assert notices.untold(connection, limit=10) == []


def test_checks_and_looks_at_once_raise_one_alert(backplane: Backplane) -> None:
    database = backplane.database
    rule = add_rule(database, AlertKind.STATE, states=("offline",))
    ids = [add_provider(database, f"p{i}") for i in range(4)]

    def work(i: int) -> None:
        if i % 3:
            look(backplane, rule)
        else:
            check(database, ids[i // 3], BAD)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(12)))
    look(backplane, rule)
    found = all_alerts(database)
    assert sorted(each.provider_id or "" for each in found) == sorted(ids)
    assert len(written(database)) == 4


def test_a_budget_is_judged_by_its_calls(backplane: Backplane) -> None:
    database = backplane.database
    rule = add_rule(database, AlertKind.BUDGET, value=0.5, hysteresis=0.2)
    limit = Limit(per=Window.DAY, calls=4)
    provider = add_provider(database, limits=[limit])
    with database.reading() as connection:
        at = connection.execute(select(now())).scalar_one()
    backplane.budgets.spend(provider, [limit], at)
    assert look(backplane, rule, look_around(backplane)) == []
    backplane.budgets.spend(provider, [limit], at)
    assert look(backplane, rule, Around(budgets=None)) == []
    assert types(look(backplane, rule, look_around(backplane))) == ["alert.raised"]
    (alert,) = all_alerts(database)
    assert (alert.value, alert.limit) == (0.5, 0.5)
    assert alert.subject == f"provider:{provider}:day"
    anew = {provider: [Usage(limit, 0, at + 1.0)]}
    assert types(look(backplane, rule, Around(budgets=anew))) == ["alert.resolved"]


def test_a_budget_that_a_call_uses_up_is_told_with_its_check(
    backplane: Backplane,
) -> None:
    database = backplane.database
    low = add_rule(database, AlertKind.BUDGET, value=0.8)
    add_rule(database, AlertKind.BUDGET, value=0.95, severity=Severity.CRITICAL)
    limit = Limit(per=Window.MINUTE, calls=50)
    provider = add_provider(database, limits=[limit])
    used = [Usage(limit, 40, 2e9)]
    assert types(check(database, provider, GOOD, crossed=used)) == ["alert.raised"]
    (alert,) = all_alerts(database)
    assert (alert.rule_id, alert.value) == (low, 0.8)
    used = [Usage(limit, 48, 2e9)]
    assert types(check(database, provider, GOOD, crossed=used)) == ["alert.raised"]
    first, second = all_alerts(database)
    assert (first.count, second.severity) == (2, "critical")


def test_numbers_are_stale_by_rule_or_by_provider(backplane: Backplane) -> None:
    database = backplane.database
    collected = Collection(series={"a": "/a"}, stale_after_s=50.0)
    provider = add_provider(database, collection=collected)
    add_provider(database, "not collected")
    by_itself = add_rule(database, AlertKind.STALENESS)
    by_rule = add_rule(database, AlertKind.STALENESS, value=1000.0)
    with database.transaction() as connection:
        connection.execute(
            insert(ProviderCollection).values(
                provider_id=provider,
                number=1,
                due_at=1.0,
                at=now() - 10.0,
                data_at=now() - 60.0,
                values="{}",
                records=1,
                size=1,
                quality=1.0,
                on_schedule=True,
            )
        )
    assert types(look(backplane, by_itself)) == ["alert.raised"]
    assert types(look(backplane, by_rule)) == []
    with database.transaction() as connection:
        connection.execute(update(ProviderCollection).values(data_at=now()))
    assert types(look(backplane, by_itself)) == ["alert.resolved"]


def test_a_rate_is_of_checks_of_a_window(backplane: Backplane) -> None:
    database = backplane.database
    rule = add_rule(
        database, AlertKind.FAILURE_RATE, value=0.5, window_s=600.0, least=4
    )
    provider = add_provider(database)
    for seen in (BAD, BAD, GOOD):
        check(database, provider, seen)
    assert look(backplane, rule) == []
    check(database, provider, GOOD)
    assert types(look(backplane, rule)) == ["alert.raised"]
    check(database, provider, GOOD)
    assert types(look(backplane, rule)) == ["alert.resolved"]
    (alert,) = all_alerts(database)
    assert (alert.value, alert.last_value) == (0.5, 0.5)
    assert json.loads(alert.data)["checks"] == 4


@pytest.mark.parametrize(
    ("measure", "limit", "is_raised"),
    [
        (Measure.P95, 190.0, True),
        (Measure.P95, 190.1, False),
        (Measure.MEAN, 105.0, True),
        (Measure.MEAN, 105.1, False),
    ],
)
def test_latency_is_measured_as_the_rule_says(
    backplane: Backplane, measure: Measure, limit: float, is_raised: bool
) -> None:
    database = backplane.database
    rule = add_rule(
        database, AlertKind.LATENCY, value=limit, window_s=600.0, measure=measure
    )
    provider = add_provider(database)
    for i in range(1, 21):
        check(
            database,
            provider,
            GOOD.__class__(outcome=GOOD.outcome, response_ms=10.0 * i),
        )
    assert bool(look(backplane, rule)) is is_raised


def test_a_queue_is_old_while_a_job_waits(backplane: Backplane) -> None:
    database = backplane.database
    rule = add_rule(database, AlertKind.QUEUE_AGE, value=100.0, queue="bulk")
    assert look(backplane, rule) == []
    job = submit(database, queue="bulk")
    assert look(backplane, rule) == []
    with database.reading() as connection:
        at = connection.execute(select(now())).scalar_one()
    set_row(database, job, available_at=at - 101.0)
    assert types(look(backplane, rule)) == ["alert.raised"]
    set_row(database, job, state="succeeded")
    assert types(look(backplane, rule)) == ["alert.resolved"]


def test_a_worker_that_is_gone_is_missed_until_it_is_back(
    backplane: Backplane,
) -> None:
    rule = add_rule(backplane.database, AlertKind.WORKER_LOSS)
    both = Around(workers=[worker("a"), worker("b")])
    assert look(backplane, rule, both) == []
    assert look(backplane, rule, Around(workers=None)) == []
    noted = look(backplane, rule, Around(workers=[worker("a")]))
    assert types(noted) == ["alert.raised"]
    assert data_of(noted[0])["subject"] == "worker:b"
    assert types(look(backplane, rule, both)) == ["alert.resolved"]


def test_a_courier_is_no_worker_that_runs_jobs(backplane: Backplane) -> None:
    rule = add_rule(backplane.database, AlertKind.WORKER_LOSS, value=1.0)
    courier = solver(name="couriers@a", queues=["webhooks", "schedules"])
    noted = look(backplane, rule, Around(workers=[courier]))
    assert types(noted) == ["alert.raised"]
    assert data_of(noted[0])["value"] == 0
    both = Around(workers=[courier, worker("a")])
    assert types(look(backplane, rule, both)) == ["alert.resolved"]


def test_a_disk_is_judged_by_its_own_host(backplane: Backplane) -> None:
    rule = add_rule(
        backplane.database, AlertKind.DISK, value=0.2, measure=Measure.SHARE
    )
    full = Around(disk=Disk(host="one", free=19, total=100))
    assert types(look(backplane, rule, full)) == ["alert.raised"]
    other = Around(disk=Disk(host="other", free=20, total=100))
    assert look(backplane, rule, other) == []
    assert [each.state for each in all_alerts(backplane.database)] == ["open"]
    free = Around(disk=Disk(host="one", free=20, total=100))
    assert types(look(backplane, rule, free)) == ["alert.resolved"]
