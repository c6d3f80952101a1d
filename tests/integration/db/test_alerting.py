"""Thresholds are raised by the numbers of their source, once, for their owner."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from db.alerting import apply_thresholds
from db.backplane import Backplane
from db.contracts.channel import ChannelName
from db.contracts.errors import QuotaExceededError
from db.contracts.notification import Level
from db.contracts.threshold import MARKET, Condition, Rule, Watched
from db.engine import Database
from db.repositories import thresholds
from schedules.market.simulation import Simulation
from schedules.market_data import take_tick
from tests.sample_notifications import written
from tests.sample_thresholds import ABOVE, add, feed, look

LIVE = "calculation:live_" + "0" * 32


def messages(database: Database) -> list[str]:
    return [each.message for each in written(database)]


def test_an_excursion_is_told_with_all_that_is_known_of_it(
    database: Database,
) -> None:
    rule = add(database, level=Level.ERROR)
    for at, rate in enumerate([0.07, 0.081, 0.079, 0.0801, 0.075, 0.07]):
        feed(database, {"discount_rate": rate}, 1000.0 + at)
    raised, resolved = written(database)
    assert (raised.type, raised.level, raised.channel) == (
        *("threshold", "error", "market_data"),
    )
    assert (raised.owner, raised.subject) == ("key:alice", rule)
    assert raised.message == "dear money: discount_rate is 0.081, above 0.08"
    assert json.loads(raised.data) == {
        "threshold": rule,
        "name": "dear money",
        "state": "raised",
        "watches": "market:discount_rate",
        "condition": "above",
        "value": 0.081,
        "limit": {"value": 0.08},
        "at": 1001.0,
    }
    assert resolved.level == "info"
    assert resolved.message == (
        "dear money: discount_rate is 0.075, within its limit again"
    )
    row = look(database, rule)
    assert (row.state, row.raises, row.last_value) == ("armed", 1, 0.07)
    assert (row.raised_at, row.resolved_at, row.judged_at) == (1001.0, 1004.0, 1005.0)


def test_what_two_processes_judge_is_raised_by_one(database: Database) -> None:
    rules = [add(database, name=f"rule {i}") for i in range(3)]

    def judge(_: int) -> int:
        return len(feed(database, {"discount_rate": 0.09}, 1000.0))

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(judge, range(8)))
    assert sorted(told) == [0] * 7 + [3]
    assert len(written(database)) == 3
    assert {look(database, rule).raises for rule in rules} == {1}


def test_a_tick_that_is_late_changes_nothing(database: Database) -> None:
    rule = add(database)
    feed(database, {"discount_rate": 0.07}, 1010.0)
    assert feed(database, {"discount_rate": 0.09}, 1000.0) == []
    assert look(database, rule).last_value == 0.07


def test_what_is_not_there_is_said_to_be_missed(database: Database) -> None:
    rule = add(database)
    feed(database, {"discount_rate": 0.09}, 1000.0)
    feed(database, {"discount_rate": None}, 1010.0)
    row = look(database, rule)
    assert (row.state, row.judged_at, row.missed_at) == ("raised", 1000.0, 1010.0)


def test_a_calculation_is_watched_by_its_owner_alone(database: Database) -> None:
    rule = Rule(condition=Condition.CHANGE_BY, value=100.0)
    watched = Watched(LIVE, "/years/1/npv")
    for owner in ("key:alice", "key:bob"):
        add(database, owner=owner, watched=watched, rule=rule)
    for at, npv in enumerate(["16314.71", "16400.00", "16414.72"]):
        outcome = {"years": [{}, {"npv": npv}]}
        feed(database, outcome, 1000.0 + at, source=LIVE, owner="key:alice")
    (told,) = written(database)
    assert (told.owner, told.channel) == ("key:alice", "calculations")
    assert told.message == "dear money: years/1/npv is 16414.72, and was 16314.71"
    data = json.loads(told.data)
    assert (data["watches"], data["pointer"]) == (LIVE, "/years/1/npv")


def test_a_rule_that_is_changed_begins_anew(database: Database) -> None:
    rule = add(database)
    feed(database, {"discount_rate": 0.09}, 1000.0)
    for changes, state in (
        ({"name": "other", "level": "info"}, "raised"),
        ({"value": 0.085}, "armed"),
    ):
        with database.transaction() as connection:
            found = thresholds.get_threshold(connection, rule, is_held=True)
            thresholds.change_threshold(connection, found, changes)
        assert look(database, rule).state == state
    assert len(feed(database, {"discount_rate": 0.09}, 1010.0)) == 1
    assert len(written(database)) == 2


def test_one_that_is_switched_off_hears_nothing(database: Database) -> None:
    add(database, enabled=False)
    assert feed(database, {"discount_rate": 0.09}, 1000.0) == []


def test_nothing_is_told_where_the_numbers_are_not_recorded(
    database: Database,
) -> None:
    rule = add(database)

    class BrokenError(Exception):
        pass

    def judge_and_fail() -> None:
        with database.transaction() as connection:
            apply_thresholds(connection, MARKET, {"discount_rate": 0.09}, 1000.0)
            raise BrokenError

    with pytest.raises(BrokenError):
        judge_and_fail()
    assert written(database) == []
    assert look(database, rule).state == "armed"


def test_an_owner_has_no_more_than_the_limit(database: Database) -> None:
    add(database)
    with database.transaction() as connection:
        (found,) = thresholds.list_thresholds(connection, after=None, limit=9)
        new = thresholds.NewThreshold(
            owner=found.owner,
            name="one more",
            watched=thresholds.watched_of(found),
            rule=ABOVE,
            level=Level.INFO,
        )
        with pytest.raises(QuotaExceededError):
            thresholds.add_threshold(connection, new, limit=1)


def test_a_tick_of_the_market_raises_thresholds(backplane: Backplane) -> None:
    database = backplane.database
    anything = Rule(condition=Condition.ABOVE, value=-1.0)
    add(database, rule=anything)
    for _ in range(2):
        take_tick(backplane, 170_000_000, Simulation(1))
    (row,) = written(database)
    assert json.loads(row.data)["at"] == 1_700_000_000.0
    (event,) = backplane.channels.read(ChannelName.NOTIFICATIONS).events
    assert json.loads(event.body)["subject"] == row.id
