"""One tick every ten seconds, recorded once and told; what was missed stays a gap."""

import json
import threading

import pytest

from db.backplane import Backplane
from db.contracts.channel import ChannelName
from db.contracts.job_kind import Origin
from db.contracts.market import GapReason
from db.embedded_valkey import EmbeddedValkey
from db.engine import Database
from db.models import MarketTick
from db.repositories import jobs, market
from schedules import market_data as module
from schedules import retention
from schedules.market.source import Reading
from schedules.market_data import source_of, take_tick, tick
from tests.conftest import OpenBackplane
from tests.sample_jobs import set_row, submit
from tests.sample_market import Broken, present, simulation, take, ticks

NUMBER = 179_000_000


def told(backplane: Backplane) -> list[dict[str, object]]:
    page = backplane.channels.read(ChannelName.MARKET_DATA)
    return [json.loads(event.body) for event in page.events]


def test_a_tick_is_recorded_and_told(backplane: Backplane) -> None:
    before = present(backplane)
    tick(backplane)
    (only,) = ticks(backplane)
    assert before <= only.sequence <= present(backplane)
    assert only.due_at == only.sequence * 10.0
    assert (only.source, only.simulated, only.gap, only.missed) == (
        *("simulated", True, None),
        0,
    )
    (event,) = told(backplane)
    assert event["type"] == "market.updated"
    assert event["id"] == f"evt_market.{only.sequence}"
    data = event["data"]
    assert isinstance(data, dict)
    assert data["values"] == market.values_of(only).model_dump()
    assert (data["simulated"], data["changes"]) == (True, {})
    assert "since_s" not in data


def test_two_beats_and_any_number_of_ticks_make_one_row(
    backplane: Backplane,
    open_backplane: OpenBackplane,
    database_url: str,
    valkey: EmbeddedValkey,
) -> None:
    others = [
        open_backplane(database_url=database_url, redis_url=valkey.redis_url)
        for _ in range(3)
    ]
    together = threading.Barrier(4)
    taken: list[MarketTick | None] = []

    def race(own: Backplane) -> None:
        together.wait(30)
        taken.extend(
            take_tick(own, number, simulation())
            for number in range(NUMBER, NUMBER + 10)
        )

    threads = [
        threading.Thread(target=race, args=(own,)) for own in (backplane, *others)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorded = [each.sequence for each in ticks(backplane)]
    mine = sorted(each.sequence for each in taken if each is not None)
    assert recorded == mine
    assert len(set(recorded)) == len(recorded)
    assert recorded[-1] == NUMBER + 9
    # Each counts exactly those before it that nobody took.
    taken_or_missed = sum(1 + each.missed for each in ticks(backplane))
    assert taken_or_missed == NUMBER + 10 - recorded[0]
    assert sorted(int(str(e["id"]).split(".")[1]) for e in told(backplane)) == recorded


def test_a_tick_that_is_taken_is_left_alone(sqlite_backplane: Backplane) -> None:
    take(sqlite_backplane, NUMBER)
    assert take_tick(sqlite_backplane, NUMBER, simulation()) is None
    # Nor is an earlier one made up, should the clock have been put back.
    assert take_tick(sqlite_backplane, NUMBER - 1, simulation()) is None
    assert [each.sequence for each in ticks(sqlite_backplane)] == [NUMBER]


def test_a_second_tick_in_the_same_ten_seconds_does_nothing(
    sqlite_backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Later than now by a tick, so that none begins in between.
    take(sqlite_backplane, present(sqlite_backplane) + 1)

    def never(*_: object) -> None:
        raise AssertionError("it is not due")

    monkeypatch.setattr(module, "take_tick", never)
    tick(sqlite_backplane)


def test_what_nobody_took_is_counted_and_not_made_up(backplane: Backplane) -> None:
    take(backplane, NUMBER, NUMBER + 1, NUMBER + 5)
    assert [(each.sequence - NUMBER, each.missed) for each in ticks(backplane)] == [
        (0, 0),
        (1, 0),
        (5, 3),
    ]
    data = [event["data"] for event in told(backplane)]
    assert [d.get("since_s") for d in data if isinstance(d, dict)] == [None, 10, 40]


def test_the_path_goes_on_as_if_no_tick_had_been_missed(
    sqlite_backplane: Backplane,
) -> None:
    take(sqlite_backplane, NUMBER, NUMBER + 5)
    last = market.values_of(ticks(sqlite_backplane)[-1])
    assert last == simulation().read(NUMBER + 5, None).values


def test_changes_are_those_since_the_last_values(sqlite_backplane: Backplane) -> None:
    take(sqlite_backplane, NUMBER)
    take(sqlite_backplane, NUMBER + 1, source=Broken())
    take(sqlite_backplane, NUMBER + 2)
    first, _, third = ticks(sqlite_backplane)
    *_, event = told(sqlite_backplane)
    data = event["data"]
    assert isinstance(data, dict)
    assert first.tech_index is not None
    assert third.tech_index is not None
    change = data["changes"]["tech_index"]
    assert change == pytest.approx(third.tech_index - first.tech_index, abs=1e-6)
    assert change != 0
    assert data["since_s"] == 20


def test_a_source_without_values_leaves_a_gap_that_says_why(
    backplane: Backplane,
) -> None:
    take(backplane, NUMBER)
    take(backplane, NUMBER + 1, source=Broken())
    gap = ticks(backplane)[-1]
    assert (gap.gap, gap.gap_detail, gap.tech_index) == ("bad_status", "503", None)
    assert (gap.source, gap.simulated) == ("provider:rates.example", False)
    *_, event = told(backplane)
    assert event["type"] == "market.missed"
    assert event["data"] == {
        "sequence": NUMBER + 1,
        "source": "provider:rates.example",
        "simulated": False,
        "since_s": 10.0,
        "reason": "bad_status",
        "detail": "503",
    }
    with backplane.database.reading() as connection:
        latest = market.latest(connection)
        last = market.last(connection)
    assert latest is not None
    assert last is not None
    assert (latest.sequence, last.sequence) == (NUMBER, NUMBER + 1)


def test_who_dies_while_reading_leaves_a_gap(sqlite_backplane: Backplane) -> None:
    class Deadly(Broken):
        def read(self, number: int, before: MarketTick | None) -> Reading:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_tick(sqlite_backplane, NUMBER, Deadly())
    (gap,) = ticks(sqlite_backplane)
    assert gap.gap == GapReason.INTERRUPTED
    take(sqlite_backplane, NUMBER + 1)
    assert ticks(sqlite_backplane)[-1].missed == 0


def test_between_two_sources_there_is_no_change(sqlite_backplane: Backplane) -> None:
    class Other(Broken):
        def read(self, number: int, before: MarketTick | None) -> Reading:
            return simulation().read(number, before)

    take(sqlite_backplane, NUMBER)
    take(sqlite_backplane, NUMBER + 1, source=Other())
    *_, event = told(sqlite_backplane)
    data = event["data"]
    assert isinstance(data, dict)
    assert data["changes"] == {}
    assert data["since_s"] == 10


def test_a_feed_that_is_off_records_nothing(
    open_backplane: OpenBackplane, sqlite_url: str, valkey: EmbeddedValkey
) -> None:
    off = open_backplane(
        database_url=sqlite_url, redis_url=valkey.redis_url, market_feed=False
    )
    tick(off)
    assert ticks(off) == []


def test_what_could_not_be_told_is_recorded_all_the_same(
    open_backplane: OpenBackplane, sqlite_url: str, tmp_path: object
) -> None:
    alone = open_backplane(
        database_url=sqlite_url, redis_url=f"unix://{tmp_path}/nothing.sock"
    )
    tick(alone)
    assert [each.gap for each in ticks(alone)] == [None]


def test_the_settings_name_the_source(
    open_backplane: OpenBackplane, sqlite_url: str, sqlite: Database
) -> None:
    simulated = open_backplane(database_url=sqlite_url).settings
    assert source_of(simulated, sqlite).label == "simulated"
    watched = open_backplane(database_url=sqlite_url, market_watched="Rates").settings
    assert source_of(watched, sqlite).label == "provider:Rates"
    provided = open_backplane(
        database_url=sqlite_url,
        market_provider_url="https://rates.example/v1?key=hidden",
        market_provider_pointers="discount_rate=/rate",
    ).settings
    source = source_of(provided, sqlite)
    assert (source.label, source.is_simulated) == ("provider:rates.example", False)


def test_ticks_are_let_go_but_the_latest_with_values(backplane: Backplane) -> None:
    old = present(backplane) - 1000
    take(backplane, old, old + 1)
    take(backplane, old + 2, source=Broken())
    with backplane.database.transaction() as connection:
        count = market.forget_ticks(connection, older_than_seconds=500 * 10)
    assert count == 2
    assert [each.sequence for each in ticks(backplane)] == [old + 1]
    take(backplane, old + 900)
    with backplane.database.transaction() as connection:
        assert market.forget_ticks(connection, older_than_seconds=500 * 10) == 1
    assert [each.sequence for each in ticks(backplane)] == [old + 900]


def test_jobs_that_ticks_brought_go_before_others(
    open_backplane: OpenBackplane, database_url: str
) -> None:
    backplane = open_backplane(database_url=database_url, live_job_days=0.01)
    of_feed = {"kind": "calculate", "origin": Origin.LIVE, "origin_id": "live_1"}
    old, new, other = (
        submit(backplane.database, **columns)
        for columns in (of_feed, of_feed, {"kind": "calculate"})
    )
    with backplane.database.reading() as connection:
        moment = market.standing(connection).time
    for job_id, ago in ((old, 1000), (new, 10), (other, 1000)):
        ended = {"state": "succeeded", "archived": True, "finished_at": moment - ago}
        set_row(backplane.database, job_id, **ended)
    retention.forget(backplane)
    with backplane.database.reading() as connection:
        assert jobs.find_job(connection, old) is None
        assert jobs.find_job(connection, new) is not None
        assert jobs.find_job(connection, other) is not None


def test_what_is_kept_long_enough_goes_with_the_rest(
    open_backplane: OpenBackplane, sqlite_url: str
) -> None:
    backplane = open_backplane(database_url=sqlite_url, market_retention_days=0.01)
    now = present(backplane)
    take(backplane, now - 1000, now - 10, now)
    retention.forget(backplane)
    assert [each.sequence for each in ticks(backplane)] == [now - 10, now]


def test_ticks_are_listed_by_their_moments(backplane: Backplane) -> None:
    take(backplane, *range(NUMBER, NUMBER + 5))

    def listed(since: float | None, until: float | None) -> list[int]:
        chosen = market.TickFilter(since=since, until=until)
        with backplane.database.reading() as connection:
            found = market.list_ticks(connection, chosen, before=None, limit=9)
        return [each.sequence - NUMBER for each in found]

    start = NUMBER * 10.0
    assert listed(None, None) == [4, 3, 2, 1, 0]
    assert listed(start + 10, start + 30) == [3, 2, 1]
    assert listed(start + 10.001, start + 29.999) == [2]
    assert listed(start + 41, None) == []
