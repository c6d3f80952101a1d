"""What each caller used in a month, line by line, and what it costs."""

import csv
import io
from collections.abc import Callable
from decimal import Decimal

import pytest
from fastapi import FastAPI
from sqlalchemy import insert
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts.identifier import new_id
from db.contracts.price import PriceList
from db.embedded_valkey import EmbeddedValkey
from db.models import Charge
from schedules.revenue import add_up
from tests.conftest import OpenBackplane
from tests.integration.api.conftest import OWN_HOST, MakeApp
from tests.integration.api.keyed import client_of, make_key

FIRST = PriceList.parse("solve=0.105+0.0004/s")
THEN = PriceList.parse("solve=0.2")
NOVEMBER, DECEMBER = 1_793_491_200.0, 1_796_083_200.0
"""The first second of each month of 2026."""

Rows = list[dict[str, str]]


def used(
    backplane: Backplane, caller: str, ended_at: float, *, cpu_s: float = 0.0
) -> None:
    with backplane.database.transaction() as connection:
        connection.execute(
            insert(Charge).values(
                job_id=new_id("job"),
                kind="solve",
                caller=caller,
                ended_at=ended_at,
                cpu_s=cpu_s,
            )
        )


def rows(client: TestClient, **asked: str) -> Rows:
    answer = client.get("/v1/invoices", params={"month": "2026-11", **asked})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.fixture
def parts(sqlite_url: str, valkey: EmbeddedValkey) -> dict[str, str]:
    return {"database_url": sqlite_url, "redis_url": valkey.redis_url}


@pytest.fixture
def open_client(make_app: MakeApp, parts: dict[str, str]) -> Callable[..., TestClient]:
    return lambda **settings: TestClient(make_app(**parts, **settings), client=OWN_HOST)


def test_lines_have_their_unit_prices_and_add_up(
    open_backplane: OpenBackplane,
    open_client: Callable[..., TestClient],
    parts: dict[str, str],
) -> None:
    backplane = open_backplane(**parts, prices=FIRST)
    for seconds in (0.0, 86_400.0 * 30 - 0.5):
        used(backplane, "key:a", NOVEMBER + seconds, cpu_s=12.3456)
    used(backplane, "key:b", NOVEMBER)
    for not_in_it in (NOVEMBER - 0.5, DECEMBER):
        used(backplane, "key:a", not_in_it)
    add_up(backplane)
    client = open_client(prices=FIRST)
    first, total, *others = rows(client)
    assert first == {
        "month": "2026-11",
        "caller": "key:a",
        "kind": "solve",
        "jobs": "2",
        "cpu_seconds": "24.692",
        "price_per_job": "0.105",
        "price_per_cpu_second": "0.0004",
        "price_since": "",
        # 0.2198768
        "amount": "0.22",
        "currency": "USD",
    }
    assert (total["kind"], total["amount"]) == ("total", "0.22")
    # Half to even: 0.105 is 0.10.
    assert [(each["caller"], each["amount"]) for each in others] == [
        *(("key:b", "0.10"), ("key:b", "0.10")),
    ]
    assert {each["caller"] for each in rows(client, caller="key:b")} == {"key:b"}
    assert rows(client, caller="key:nobody") == []


def test_a_price_that_changed_is_a_line_of_its_own(
    open_backplane: OpenBackplane,
    open_client: Callable[..., TestClient],
    parts: dict[str, str],
) -> None:
    add_up(open_backplane(**parts, prices=FIRST))
    later = open_backplane(**parts, prices=THEN)
    add_up(later)
    client = open_client(prices=THEN)
    listed = client.get("/v1/prices").json()["items"]
    of_solves = [each for each in listed if each["kind"] == "solve"]
    assert [(each["per_job"], each["in_force"]) for each in of_solves] == [
        *(("0.2", True), ("0.105", False)),
    ]
    assert of_solves[1]["in_force_since"] is None
    changed = of_solves[0]["in_force_since"]
    with later.database.reading() as connection:
        at = connection.exec_driver_sql("select max(in_force_at) from price").scalar()
    used(later, "key:a", at - 1.0)
    used(later, "key:a", at)
    add_up(later)
    found = rows(client, month=changed[:7])
    assert [(row["price_per_job"], row["price_since"]) for row in found[:2]] == [
        *(("0.105", ""), ("0.2", changed)),
    ]
    assert found[-1]["amount"] == str(Decimal("0.10") + Decimal("0.20"))


def test_pages_do_not_show(
    open_backplane: OpenBackplane,
    open_client: Callable[..., TestClient],
    parts: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.routers.invoices.PAGE", 2)
    backplane = open_backplane(**parts, prices=FIRST)
    for caller in "abcde":
        used(backplane, f"key:{caller}", NOVEMBER)
    add_up(backplane)
    found = rows(open_client())
    assert [row["caller"][-1] for row in found] == [*"aabbccddee"]


def test_owners_see_their_own(guarded: FastAPI, app_backplane: Backplane) -> None:
    for name in ("key:alice", "key:bob"):
        used(app_backplane, name, NOVEMBER)
    add_up(app_backplane)
    alice = client_of(guarded, make_key(guarded, "alice"))
    assert {row["caller"] for row in rows(alice)} == {"key:alice"}
    assert rows(alice, caller="key:alice") == rows(alice)
    refused = alice.get("/v1/invoices?month=2026-11&caller=key:bob")
    assert refused.status_code == 404


@pytest.fixture
def app(guarded: FastAPI) -> FastAPI:
    return guarded


@pytest.mark.parametrize("month", ["2026-13", "26-11", "2026", "", "2026-11-01"])
def test_what_is_no_month_is_refused(
    open_client: Callable[..., TestClient], month: str
) -> None:
    answer = open_client().get("/v1/invoices", params={"month": month})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#query/month"


def test_a_caller_that_no_database_could_name_is_refused(
    open_client: Callable[..., TestClient],
) -> None:
    asked = {"month": "2026-11", "caller": "key:\0"}
    assert open_client().get("/v1/invoices", params=asked).status_code == 422
