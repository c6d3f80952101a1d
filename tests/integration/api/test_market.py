"""/v1/market and its frames: what ticks come to, as callers see them."""

import csv
import io
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts.channel import ChannelName
from db.contracts.event import timestamp
from db.contracts.market import MODEL, TICK_SECONDS, MarketField
from db.repositories import market
from tests.integration.api.live import LiveApi
from tests.integration.api.live_client import Client, client_of
from tests.sample_market import Broken, present, take, ticks

NUMBER = 179_000_000


@pytest.fixture
def desk(live: LiveApi) -> Iterator[Client]:
    with client_of(live, "/ws") as client:
        assert client.frame()["type"] == "welcome"
        yield client


@pytest.fixture
def some(app_backplane: Backplane) -> list[int]:
    """Return the numbers of four ticks: the second is a gap, two were missed."""
    numbers = [NUMBER, NUMBER + 1, NUMBER + 2, NUMBER + 5]
    take(app_backplane, numbers[0])
    take(app_backplane, numbers[1], source=Broken())
    take(app_backplane, *numbers[2:])
    return numbers


def test_before_the_first_tick_there_is_nothing(client: TestClient) -> None:
    answer = client.get("/v1/market")
    assert answer.status_code == 404
    assert "SOLVEQUEUE_MARKET_FEED" in answer.json()["suggestion"]
    assert client.get("/v1/market/history").json() == {"items": [], "next": ""}


def test_the_latest_values_are_shown_with_their_age(
    client: TestClient, app_backplane: Backplane
) -> None:
    now = present(app_backplane)
    take(app_backplane, now - 1, now)
    shown = client.get("/v1/market").json()
    first, second = ticks(app_backplane)
    assert shown["sequence"] == now
    assert shown["time"] == timestamp(now * TICK_SECONDS)
    assert 0 <= shown["age_s"] < 30
    assert shown["stale"] is False
    assert (shown["source"], shown["simulated"]) == ("simulated", True)
    assert shown["values"] == market.values_of(second).model_dump()
    assert shown["changes"]["tech_index"] == pytest.approx(
        (second.tech_index or 0) - (first.tech_index or 0), abs=1e-6
    )
    assert shown["since_s"] == 10
    assert shown["latest"]["sequence"] == now


def test_old_values_are_stale_and_a_gap_says_why(
    client: TestClient, app_backplane: Backplane
) -> None:
    now = present(app_backplane)
    take(app_backplane, now - 10)
    take(app_backplane, now, source=Broken())
    shown = client.get("/v1/market").json()
    assert shown["sequence"] == now - 10
    assert shown["age_s"] >= 100
    assert shown["stale"] is True
    latest = shown["latest"]
    assert (latest["sequence"], latest["values"]) == (now, None)
    assert (latest["gap"], latest["gap_detail"], latest["missed"]) == (
        *("bad_status", "503"),
        9,
    )


def test_history_shows_every_gap(client: TestClient, some: list[int]) -> None:
    items = client.get("/v1/market/history").json()["items"]
    assert [item["sequence"] for item in items] == some[::-1]
    assert [item["gap"] for item in items] == [None, None, "bad_status", None]
    assert [item["missed"] for item in items] == [2, 0, 0, 0]
    assert [item["values"] is None for item in items] == [False, False, True, False]


def test_history_comes_in_pages(client: TestClient, some: list[int]) -> None:
    seen, after = [], ""
    while True:
        page = client.get(f"/v1/market/history?limit=3{after}").json()
        seen += [item["sequence"] for item in page["items"]]
        if not page["next"]:
            break
        after = f"&after={page['next']}"
    assert seen == some[::-1]


def test_history_of_some_time_and_of_some_fields(
    client: TestClient, some: list[int]
) -> None:
    window = {
        "from": timestamp((NUMBER + 1) * 10 - 5),
        "to": timestamp((NUMBER + 2) * 10),
        "field": ["tech_index", "discount_rate"],
    }
    items = client.get("/v1/market/history", params=window).json()["items"]
    assert [item["sequence"] for item in items] == [NUMBER + 2, NUMBER + 1]
    told = {name for name, value in items[0]["values"].items() if value is not None}
    assert told == {"tech_index", "discount_rate"}
    empty = {"from": timestamp(NUMBER * 10 + 50.5)}
    assert client.get("/v1/market/history", params=empty).json()["items"] == []


@pytest.mark.parametrize(
    "query", ["field=price", "from=yesterday", "after=x", "after=0", "limit=501"]
)
def test_a_query_that_means_nothing_is_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/market/history?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("#query/")


def test_a_table_has_a_line_for_each_tick(client: TestClient, some: list[int]) -> None:
    answer = client.get("/v1/market/export/csv", params={"field": "tech_index"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert "market.csv" in answer.headers["content-disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [int(line["sequence"]) for line in lines] == some[::-1]
    assert [line["gap"] for line in lines] == ["", "", "bad_status", ""]
    assert [bool(line["tech_index"]) for line in lines] == [True, True, False, True]
    assert "discount_rate" not in lines[0]
    few = client.get("/v1/market/export/csv?limit=2").text
    assert len(few.splitlines()) == 3


def test_the_model_is_stated(client: TestClient) -> None:
    shown = client.get("/v1/market/model").json()
    assert [each["field"] for each in shown["fields"]] == list(MarketField)
    assert [each["middle"] for each in shown["fields"]] == [
        each.middle for each in MODEL.values()
    ]
    assert shown["correlation"][0][1] == 0.6
    assert shown["step_s"] == 10


def test_a_subscriber_is_told_of_each_tick(
    desk: Client, app_backplane: Backplane
) -> None:
    desk.ask("subscribe", "subscribed", channel="market_data")
    take(app_backplane, NUMBER)
    frame = desk.await_("market_update")
    (tick,) = ticks(app_backplane)
    assert frame["data"] == market.values_of(tick).model_dump()
    assert frame["timestamp"].endswith("Z")
    assert (frame["source"], frame["simulated"]) == ("simulated", True)
    # A tick without values is no update.
    take(app_backplane, NUMBER + 1, source=Broken())
    take(app_backplane, NUMBER + 2)
    frame = desk.await_("market_update")
    assert (frame["sequence"], frame["since_s"]) == (NUMBER + 2, 20)
    desk.ask("unsubscribe", "unsubscribed", channel="market_data")
    take(app_backplane, NUMBER + 3)
    assert desk.is_open()
    assert [each["type"] for each in desk.passed if "data" in each] == []


def test_a_newcomer_is_told_the_latest_at_once(
    client: TestClient, app_backplane: Backplane
) -> None:
    take(app_backplane, NUMBER, NUMBER + 1)
    page = client.get("/v1/channels/market_data/events").json()
    assert [each["data"]["sequence"] for each in page["items"]] == [NUMBER, NUMBER + 1]
    latest = app_backplane.channels.latest(ChannelName.MARKET_DATA)
    assert f'"sequence":{NUMBER + 1}' in latest["market.updated"]
