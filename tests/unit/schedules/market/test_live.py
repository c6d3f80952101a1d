"""What is bound to the feed is calculated again with each tick, and told once."""

import json
import threading
from typing import Any

import pytest
from sqlalchemy import update

from db.backplane import Backplane
from db.contracts.channel import ChannelName
from db.contracts.identifier import new_id
from db.contracts.market import MarketValues
from db.contracts.notification import Level
from db.contracts.threshold import Condition, Rule, Watched
from db.embedded_valkey import EmbeddedValkey
from db.engine import now
from db.models import LiveCalculation, MarketTick
from db.repositories import jobs, live_calculations, market, thresholds
from db.repositories.live_calculations import NewLive
from db.repositories.thresholds import NewThreshold
from schedules.market.live import keep_up
from schedules.market.source import Reading, Source
from schedules.market_data import take_tick
from tests.conftest import OpenBackplane
from tests.one_worker import OneWorker
from tests.sample_market import Broken, present

FLOWS = [100_000.0, 120_000.0, 140_000.0, 160_000.0, 180_000.0]
PARAMETERS = {"cash_flows": FLOWS, "initial_investment": 500_000.0}


class Fixed(Source):
    """Tells the rate that the test says."""

    label = "provider:test.example"
    is_simulated = False

    def __init__(self, rate: float, index: float | None = None) -> None:
        self._values = MarketValues(discount_rate=rate, tech_index=index)

    def read(self, number: int, before: MarketTick | None) -> Reading:
        return Reading(self._values)


class Feed:
    """Ticks from some before the present one on, each with its rate."""

    def __init__(self, backplane: Backplane) -> None:
        self._backplane = backplane
        self.number = present(backplane) - 1

    def tell(self, rate: float, index: float | None = None) -> None:
        """Replace what the feed tells: the next tick's number is the next."""
        self.number += 1
        # Its moment is of no interest here, but that it is not stale.
        taken = take_tick(self._backplane, self.number, Fixed(rate, index))
        assert taken is not None


@pytest.fixture
def feed(sqlite_backplane: Backplane) -> Feed:
    return Feed(sqlite_backplane)


def npv(rate: float) -> float:
    present_value = sum(f / (1 + rate) ** k for k, f in enumerate(FLOWS, 1))
    return round(present_value - 500_000, 2)


def add(
    backplane: Backplane,
    *,
    parameters: dict[str, Any] = PARAMETERS,
    field: str = "discount_rate",
    min_change: float = 0.0,
    caller: str = "key:a",
) -> str:
    new = NewLive(
        id=new_id("live"),
        caller=caller,
        calculation="npv",
        parameters=json.dumps(parameters),
        bindings=json.dumps({"/discount_rate": field}),
        value_at="/npv",
        min_change=min_change,
    )
    with backplane.database.transaction() as connection:
        return live_calculations.add(connection, new, expires_s=600, limit=9).id


def row(backplane: Backplane, live_id: str) -> LiveCalculation:
    with backplane.database.reading() as connection:
        return live_calculations.get_live(connection, live_id)


def told(backplane: Backplane) -> list[dict[str, Any]]:
    page = backplane.channels.read(ChannelName.CALCULATIONS)
    return [json.loads(event.body) for event in page.events]


def run(backplane: Backplane) -> None:
    """Do what a tick, a worker and the next look do."""
    keep_up(backplane)
    OneWorker(backplane).work()
    keep_up(backplane)


def test_each_tick_brings_a_job_and_its_change(
    sqlite_backplane: Backplane, feed: Feed
) -> None:
    live_id = add(sqlite_backplane)
    feed.tell(0.08)
    run(sqlite_backplane)
    feed.tell(0.1)
    run(sqlite_backplane)
    found = row(sqlite_backplane, live_id)
    assert (found.value, found.value_before) == (npv(0.1), npv(0.08))
    assert (found.revaluations, found.skips, found.pending) == (2, 0, False)
    assert (found.outcome_tick, found.tick) == (feed.number, feed.number)
    with sqlite_backplane.database.reading() as connection:
        job = jobs.get_job(connection, found.job or "")
    assert (job.origin, job.origin_id, job.caller) == ("live", live_id, "key:a")
    first, second = told(sqlite_backplane)
    assert first["type"] == second["type"] == "calculation.completed"
    assert first["data"]["value"] == npv(0.08)
    assert "change" not in first["data"]
    data = second["data"]
    assert data["calculation_id"] == live_id
    assert (data["job"], data["result"]["npv"]) == (job.id, npv(0.1))
    assert (data["value"], data["value_before"]) == (npv(0.1), npv(0.08))
    assert data["change"] == pytest.approx(npv(0.1) - npv(0.08))
    assert (data["data"]["live"], data["data"]["tick"]) == (True, feed.number)


def test_the_owner_alone_hears_of_it(sqlite_backplane: Backplane, feed: Feed) -> None:
    add(sqlite_backplane, caller="key:b")
    feed.tell(0.08)
    run(sqlite_backplane)
    (event,) = sqlite_backplane.channels.read(ChannelName.CALCULATIONS).events
    assert event.owner == "key:b"


def test_a_tick_is_dealt_with_once_by_however_many(
    backplane: Backplane,
    open_backplane: OpenBackplane,
    database_url: str,
    valkey: EmbeddedValkey,
) -> None:
    ids = [add(backplane, caller=f"key:{n}") for n in range(5)]
    Feed(backplane).tell(0.08)
    others = [
        open_backplane(database_url=database_url, redis_url=valkey.redis_url)
        for _ in range(2)
    ]
    together = threading.Barrier(3)

    def race(own: Backplane) -> None:
        together.wait(30)
        keep_up(own)

    threads = [threading.Thread(target=race, args=(o,)) for o in (backplane, *others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    OneWorker(backplane).work()
    keep_up(backplane)
    assert [row(backplane, each).revaluations for each in ids] == [1] * 5
    assert sorted(each["subject"] for each in told(backplane)) == sorted(ids)


def test_what_did_not_change_enough_brings_no_job(
    sqlite_backplane: Backplane, feed: Feed
) -> None:
    live_id = add(sqlite_backplane, min_change=0.05)
    for rate in (0.08, 0.08, 0.082, 0.079):
        feed.tell(rate)
        run(sqlite_backplane)
    assert row(sqlite_backplane, live_id).revaluations == 1
    # Compared with what was calculated last, so that small steps add up.
    feed.tell(0.085)
    run(sqlite_backplane)
    found = row(sqlite_backplane, live_id)
    assert (found.revaluations, found.skips, found.value) == (2, 3, npv(0.085))


def test_jobs_do_not_pile_up_where_no_worker_is(
    sqlite_backplane: Backplane, feed: Feed
) -> None:
    live_id = add(sqlite_backplane)
    for rate in (0.08, 0.09, 0.1):
        feed.tell(rate)
        keep_up(sqlite_backplane)
    found = row(sqlite_backplane, live_id)
    assert (found.revaluations, found.skips, found.pending) == (1, 2, True)
    OneWorker(sqlite_backplane).work()
    keep_up(sqlite_backplane)
    found = row(sqlite_backplane, live_id)
    assert (found.value, found.outcome_tick) == (npv(0.08), feed.number - 2)


def test_a_number_that_the_calculation_cannot_take_is_told_in_the_row(
    sqlite_backplane: Backplane, feed: Feed
) -> None:
    live_id = add(sqlite_backplane, parameters={"cash_flows": []})
    feed.tell(0.08)
    run(sqlite_backplane)
    found = row(sqlite_backplane, live_id)
    assert (found.revaluations, found.skips) == (0, 1)
    assert "cash_flows" in json.loads(found.error or "{}")["message"]


def test_a_field_that_the_feed_lacks_brings_no_job(
    sqlite_backplane: Backplane, feed: Feed
) -> None:
    live_id = add(sqlite_backplane, field="tech_index")
    feed.tell(0.08)
    run(sqlite_backplane)
    assert row(sqlite_backplane, live_id).revaluations == 0


def test_a_job_that_is_gone_or_failed_is_told_as_failed(
    sqlite_backplane: Backplane, feed: Feed
) -> None:
    live_id = add(sqlite_backplane)
    feed.tell(0.08)
    run(sqlite_backplane)
    feed.tell(0.09)
    keep_up(sqlite_backplane)
    with sqlite_backplane.database.transaction() as connection:
        jobs.request_cancel(connection, row(sqlite_backplane, live_id).job or "")
    keep_up(sqlite_backplane)
    *_, event = told(sqlite_backplane)
    assert event["type"] == "calculation.failed"
    assert event["data"]["code"] == "cancelled"
    found = row(sqlite_backplane, live_id)
    # What it came to before stays; the next tick brings another.
    assert (found.value, found.pending) == (npv(0.08), False)
    feed.tell(0.1)
    run(sqlite_backplane)
    found = row(sqlite_backplane, live_id)
    assert (found.value, found.value_before, found.error) == (
        *(npv(0.1), npv(0.08)),
        None,
    )


def test_a_job_that_may_go_well_is_repeated_though_the_numbers_are_the_same(
    sqlite_backplane: Backplane, feed: Feed
) -> None:
    live_id = add(sqlite_backplane)
    feed.tell(0.08)
    keep_up(sqlite_backplane)
    with sqlite_backplane.database.transaction() as connection:
        jobs.request_cancel(connection, row(sqlite_backplane, live_id).job or "")
    keep_up(sqlite_backplane)
    assert row(sqlite_backplane, live_id).error is not None
    feed.tell(0.08)
    run(sqlite_backplane)
    found = row(sqlite_backplane, live_id)
    assert (found.value, found.error, found.revaluations) == (npv(0.08), None, 2)


def test_an_error_goes_with_the_numbers_that_it_was_of(
    sqlite_backplane: Backplane, feed: Feed
) -> None:
    live_id = add(sqlite_backplane, field="tech_index")
    for index, is_wrong in ((1.0, False), (1e9, True), (1.0, False)):
        feed.tell(0.08, index)
        run(sqlite_backplane)
        assert (row(sqlite_backplane, live_id).error is not None) is is_wrong
    assert row(sqlite_backplane, live_id).revaluations == 1


def test_expired_ones_are_left_alone(sqlite_backplane: Backplane, feed: Feed) -> None:
    live_id = add(sqlite_backplane)
    with sqlite_backplane.database.transaction() as connection:
        connection.execute(update(LiveCalculation).values(expires_at=now() - 1))
    feed.tell(0.08)
    run(sqlite_backplane)
    assert row(sqlite_backplane, live_id).tick is None
    with sqlite_backplane.database.transaction() as connection:
        gone = live_calculations.forget_expired(connection, older_than_seconds=0)
    assert gone == 1


def test_old_values_bring_no_job(sqlite_backplane: Backplane) -> None:
    live_id = add(sqlite_backplane)
    long_ago = present(sqlite_backplane) - 100
    assert take_tick(sqlite_backplane, long_ago, Fixed(0.08)) is not None
    assert take_tick(sqlite_backplane, long_ago + 100, Broken()) is not None
    run(sqlite_backplane)
    assert row(sqlite_backplane, live_id).revaluations == 0
    with sqlite_backplane.database.reading() as connection:
        assert market.latest(connection) is not None


def test_what_could_not_be_told_is_told_later(
    sqlite_backplane: Backplane,
    open_backplane: OpenBackplane,
    sqlite_url: str,
    feed: Feed,
    tmp_path: object,
) -> None:
    live_id = add(sqlite_backplane)
    feed.tell(0.08)
    keep_up(sqlite_backplane)
    OneWorker(sqlite_backplane).work()
    alone = open_backplane(
        database_url=sqlite_url, redis_url=f"unix://{tmp_path}/nothing.sock"
    )
    keep_up(alone)
    found = row(alone, live_id)
    assert (found.value, found.told) == (npv(0.08), False)
    assert told(sqlite_backplane) == []
    keep_up(sqlite_backplane)
    assert [each["data"]["value"] for each in told(sqlite_backplane)] == [npv(0.08)]
    keep_up(sqlite_backplane)
    assert len(told(sqlite_backplane)) == 1


def test_one_that_cannot_be_dealt_with_does_not_stop_the_others(
    sqlite_backplane: Backplane, feed: Feed
) -> None:
    bad, good = add(sqlite_backplane), add(sqlite_backplane)
    with sqlite_backplane.database.transaction() as connection:
        connection.execute(
            update(LiveCalculation)
            .where(LiveCalculation.id == bad)
            .values(bindings='{"/discount_rate": "no field"}')
        )
    feed.tell(0.08)
    run(sqlite_backplane)
    assert row(sqlite_backplane, good).value == npv(0.08)


def test_a_threshold_hears_of_each_outcome_and_so_does_its_owner_alone(
    sqlite_backplane: Backplane, feed: Feed
) -> None:
    live_id = add(sqlite_backplane)
    with sqlite_backplane.database.transaction() as connection:
        for owner in ("key:a", "key:b"):
            rule = NewThreshold(
                owner=owner,
                name="worth it",
                watched=Watched(f"calculation:{live_id}", "/npv"),
                rule=Rule(condition=Condition.ABOVE, value=npv(0.09)),
                level=Level.WARNING,
            )
            thresholds.add_threshold(connection, rule, limit=9)
    for rate in (0.1, 0.08, 0.07):
        feed.tell(rate)
        run(sqlite_backplane)
    page = sqlite_backplane.channels.read(ChannelName.NOTIFICATIONS)
    (event,) = page.events
    assert event.owner == "key:a"
    assert json.loads(event.body)["data"]["data"]["value"] == npv(0.08)
