"""Alerts about a fleet of local servers: raised with the check, over with the next."""

import json

from db.backplane import Backplane
from db.contracts.alert import AlertKind
from db.contracts.channel import ChannelName
from db.contracts.provider import Limit, Window
from schedules.alerts import watch
from schedules.provider_health.prober import Prober
from tests.fleet import DOWN, HEALTHY, Fleet
from tests.sample_alerts import add_rule, all_alerts
from tests.sample_providers import add, check


def test_a_fleet_raises_what_it_is_scripted_to(
    servers: Fleet, watched: Backplane, prober: Prober
) -> None:
    add_rule(watched.database, AlertKind.STATE, states=("offline",), name="gone")
    add(watched, "healthy", servers.script("healthy", HEALTHY))
    add(watched, "flapping", servers.script("flapping", HEALTHY, DOWN, DOWN, HEALTHY))
    told = []
    for _ in range(4):
        check(prober)
        told.append([each.state for each in all_alerts(watched.database)])
    # The second of two failures decides.
    assert told == [[], [], ["open"], ["resolved"]]
    (alert,) = all_alerts(watched.database)
    assert (alert.provider, alert.resolution, alert.count) == ("flapping", "over", 1)
    heard = watched.channels.read(ChannelName.ALERTS).events
    assert [each.type for each in heard] == ["alert.raised", "alert.resolved"]
    assert {each.owner for each in heard} == {""}
    assert json.loads(heard[0].body)["data"]["id"] == alert.id


def test_a_budget_that_is_used_up_is_an_alert_with_its_check(
    servers: Fleet, watched: Backplane, prober: Prober
) -> None:
    rule = add_rule(watched.database, AlertKind.BUDGET, value=0.8)
    limits = [Limit(per=Window.DAY, calls=5)]
    add(watched, "budgeted", servers.script("budgeted", HEALTHY), limits=limits)
    for _ in range(3):
        check(prober)
    assert all_alerts(watched.database) == []
    check(prober)
    (alert,) = all_alerts(watched.database)
    assert (alert.rule_id, alert.value, alert.state) == (rule, 0.8, "open")
    # It is still used up, and told already.
    watch(watched)
    of_it = [each for each in all_alerts(watched.database) if each.rule_id == rule]
    assert [(each.state, each.count) for each in of_it] == [("open", 2)]
