"""What becomes of alerts and rules: known, resolved, muted, removed and forgotten."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from db import alarm
from db.backplane import Backplane
from db.contracts.alert import USUAL, AlertKind, Measure, Severity
from db.models import AlertRule, AlertStanding
from db.repositories import alert_rules, alerts, providers
from db.repositories.alert_measures import Around, Disk
from schedules.alerts import watch
from tests.sample_alerts import (
    BAD,
    GOOD,
    add_provider,
    add_rule,
    all_alerts,
    check,
    look,
    set_provider,
    set_rule,
    types,
)


def test_what_is_watched_no_more_is_resolved(backplane: Backplane) -> None:
    database = backplane.database
    rule = add_rule(database, AlertKind.STATE, states=("offline",))
    one, other = add_provider(database, "one"), add_provider(database, "other")
    for provider in (one, other):
        check(database, provider, BAD)
    set_provider(database, one, paused=True)
    assert types(look(backplane, rule)) == ["alert.resolved"]
    with database.transaction() as connection:
        alert_rules.remove(connection, rule)
    watch(backplane)
    assert [each.resolution for each in all_alerts(database)[:2]] == ["not_watched"] * 2


def test_what_is_muted_is_written_and_told_later(backplane: Backplane) -> None:
    database = backplane.database
    rule = add_rule(
        database, AlertKind.STATE, states=("offline",), muted_until=2e9 + 1e9
    )
    provider = add_provider(database)
    assert types(check(database, provider, BAD)) == []
    (alert,) = all_alerts(database)
    assert (alert.state, alert.told) == ("open", False)
    set_rule(database, rule, muted_until=1.0)
    assert types(look(backplane, rule)) == ["alert.raised"]
    assert types(look(backplane, rule)) == []


def test_who_acknowledges_first_stays(backplane: Backplane) -> None:
    database = backplane.database
    add_rule(database, AlertKind.STATE, states=("offline",))
    check(database, add_provider(database), BAD)
    (alert,) = all_alerts(database)
    with database.transaction() as connection:
        assert alerts.count_new(connection) == 1
        _, noted = alarm.acknowledge(connection, alert.id, by="a", note="seen")
        assert types(noted) == ["alert.acknowledged"]
        found, noted = alarm.acknowledge(connection, alert.id, by="b", note="too")
        assert noted == []
        assert alerts.count_new(connection) == 0
    assert (found.acknowledged_by, found.note) == ("a", "seen")


def test_what_is_resolved_by_hand_may_be_raised_again(backplane: Backplane) -> None:
    database = backplane.database
    add_rule(database, AlertKind.STATE, states=("offline",))
    provider = add_provider(database)
    check(database, provider, BAD)
    (alert,) = all_alerts(database)
    with database.transaction() as connection:
        found, noted = alarm.resolve(connection, alert.id, by="a", note="known")
        assert types(noted) == ["alert.resolved"]
        assert alarm.resolve(connection, alert.id, by="b", note="")[1] == []
    assert (found.resolution, found.resolved_by) == ("by_hand", "a")
    assert types(check(database, provider, BAD)) == ["alert.raised"]


def test_usual_rules_are_made_once_and_stay_removed(backplane: Backplane) -> None:
    database = backplane.database
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: watch(backplane), range(2)))
    with database.reading() as connection:
        found = alert_rules.list_rules(connection, kind=None, after=None, limit=100)
    assert {each.usual for each in found} == set(USUAL)
    assert len(found) == len(USUAL)
    with database.transaction() as connection:
        alert_rules.remove(connection, found[0].id)
    watch(backplane)
    with database.reading() as connection:
        left = alert_rules.list_rules(connection, kind=None, after=None, limit=100)
        kept = connection.execute(select(func.count()).select_from(AlertRule))
        assert kept.scalar_one() == len(USUAL)
    assert {each.id for each in left} == {each.id for each in found[1:]}


def test_a_rule_that_cannot_be_judged_does_not_stop_the_others(
    backplane: Backplane,
) -> None:
    database = backplane.database
    faulty = add_rule(database, AlertKind.STATE, states=("offline",))
    set_rule(database, faulty, states="no JSON")
    add_rule(database, AlertKind.DISK, value=1e15, measure=Measure.BYTES)
    watch(backplane)
    assert "disk" in {each.kind for each in all_alerts(database)}


def test_what_is_quiet_leaves_no_row(backplane: Backplane) -> None:
    database = backplane.database
    rule = add_rule(database, AlertKind.DISK, value=0.2, measure=Measure.SHARE)
    for free in (10, 90, 90):
        disk = Disk(host="one", free=free, total=100)
        look(backplane, rule, Around(disk=disk))
    with database.reading() as connection:
        assert connection.execute(select(AlertStanding)).all() == []


def test_old_alerts_are_forgotten_and_open_ones_are_not(backplane: Backplane) -> None:
    database = backplane.database
    add_rule(database, AlertKind.STATE, states=("offline",), severity=Severity.INFO)
    one, other = add_provider(database, "one"), add_provider(database, "other")
    for provider in (one, other):
        check(database, provider, BAD)
    check(database, one, GOOD)
    with database.transaction() as connection:
        assert alerts.forget(connection, older_than_seconds=3600.0) == 0
        assert alerts.forget(connection, older_than_seconds=-1.0) == 1
        providers.remove(connection, other)
    (left,) = all_alerts(database)
    assert left.provider_id == other
