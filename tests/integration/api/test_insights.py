"""Findings, from rows to readers: told, and held against what comes later."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select, update
from starlette.testclient import TestClient

from api.insight_views import insights_update
from db.backplane import Backplane
from db.contracts.identifier import new_id
from db.contracts.insight import PRIOR_CONFIRMED, PRIOR_REFUTED
from db.contracts.series import SERIES, SeriesKind
from db.embedded_valkey import EmbeddedValkey
from db.engine import now
from db.models import Insight, InsightVerdict, Job, MetricPoint
from schedules.findings import find, read
from schedules.insights.history import HOUR, History, Hours
from schedules.insights.study import study
from tests.histories import NOTHING, Planted, history
from tests.integration.api.conftest import OWN_HOST, MakeApp
from tests.sample_jobs import REQUEST

PLANTED = Planted(better={"memetic": 3.0}, slower=2.0, cycle=0.5)


@pytest.fixture
def app(make_app: MakeApp, database_url: str, valkey: EmbeddedValkey) -> FastAPI:
    return make_app(database_url=database_url, redis_url=valkey.redis_url)


@pytest.fixture
def asking(app: FastAPI) -> TestClient:
    return TestClient(app, client=OWN_HOST)


@pytest.fixture
def backplane(app: FastAPI) -> Backplane:
    found: Backplane = app.state.solvequeue.backplane
    return found


def store(backplane: Backplane, drawn: History, *, begin: float) -> None:
    """Write a history as rows, moved so that its hours begin at a moment."""
    moved = begin - drawn.hours.begin
    limits = REQUEST.limits.model_copy(update={"time_s": 10.0})
    request = REQUEST.model_copy(update={"limits": limits}).model_dump_json()
    assert {each.time_limit_s for each in drawn.solves} == {10.0}
    solves = [
        {
            "id": new_id("job"),
            "kind": "solve",
            "queue": "standard",
            "state": "succeeded",
            "request": request,
            "method": each.method,
            "instance_sha256": each.instance.rjust(64),
            "matrix_order": each.order,
            "objective": each.objective,
            "elapsed_s": each.elapsed_s,
            "created_at": each.ended_at + moved - 10,
            "finished_at": each.ended_at + moved,
        }
        for each in drawn.solves
    ]
    points = [
        {
            "series": name,
            "tier": "hour",
            "at": begin + HOUR * hour,
            "samples": 1,
            "total": float(value),
            "buckets": '{"3": 1.0}'
            if SERIES[name].kind is SeriesKind.HISTOGRAM
            else None,
        }
        for name, numbers in drawn.hours.series.items()
        if name in SERIES
        for hour, value in enumerate(numbers)
    ]
    with backplane.database.transaction() as connection:
        connection.execute(insert(Job), solves)
        connection.execute(insert(MetricPoint), points)


def stored(drawn: History) -> History:
    """Return what the rows have of it: no families, no providers."""
    known = {name: each for name, each in drawn.hours.series.items() if name in SERIES}
    return History(
        [replace(each, family="") for each in drawn.solves],
        Hours(drawn.hours.begin, known),
    )


def draw(planted: Planted = NOTHING, seed: int = 1) -> History:
    return history(np.random.default_rng(seed), planted)


def begun(backplane: Backplane, *, days_ago: float) -> float:
    with backplane.database.reading() as connection:
        moment: float = connection.execute(select(now())).scalar_one()
    return (moment - days_ago * 86_400) // 86_400 * 86_400


def test_without_evidence_there_is_nothing(
    asking: TestClient, backplane: Backplane
) -> None:
    find(backplane)
    assert asking.get("/insights/ai").json() == []
    assert asking.get("/v1/insights").json() == {"items": [], "next": ""}


def test_what_rows_show_is_found_and_told(
    asking: TestClient, backplane: Backplane
) -> None:
    begin = begun(backplane, days_ago=15)
    store(backplane, draw(PLANTED), begin=begin)
    with backplane.database.reading() as connection:
        as_read = read(connection)
    # What is read is what was written: the same claims as of the plain history.
    expected = {each.claim for each in study(stored(draw(PLANTED)))}
    assert {each.claim for each in study(as_read)} == expected
    find(backplane)
    told = asking.get("/insights/ai").json()
    assert {each["action_type"] for each in told} == {
        "choose_method",
        "investigate",
        "plan_capacity",
    }
    for each in told:
        assert set(each) == {
            *("id", "title", "description", "confidence", "impact_estimate"),
            *("action_type", "priority", "timestamp"),
        }
        assert (
            0
            < each["confidence"]
            <= 100 * PRIOR_CONFIRMED / (PRIOR_CONFIRMED + PRIOR_REFUTED)
        )
    assert insights_update_ids(asking) == [each["id"] for each in told]
    whole = asking.get(f"/v1/insights/{told[0]['id']}").json()
    evidence = whole["evidence"]
    assert evidence["low"] <= evidence["effect"] <= evidence["high"]
    assert evidence["n"] > 0
    assert evidence["p"] <= evidence["p_adjusted"] <= 0.02
    assert whole["state"] == "active"


def insights_update_ids(asking: TestClient) -> list[str]:
    app: Any = asking.app
    return [each.id for each in insights_update(app.state.solvequeue).items]


def test_pages_and_filters(asking: TestClient, backplane: Backplane) -> None:
    store(backplane, draw(PLANTED), begin=begun(backplane, days_ago=15))
    find(backplane)
    whole = asking.get("/v1/insights").json()["items"]
    first = asking.get("/v1/insights?limit=1").json()
    rest = asking.get("/v1/insights", params={"after": first["next"]}).json()
    assert first["items"] + rest["items"] == whole
    one = asking.get("/v1/insights?kind=load_forecast").json()["items"]
    assert [each["kind"] for each in one] == ["load_forecast"]
    assert asking.get("/v1/insights?state=expired").json()["items"] == []
    for bad in ("kind=x%20y", "state=old", "limit=0", "after=x"):
        assert asking.get(f"/v1/insights?{bad}").status_code == 422
    for unknown in ("ins_1", f"ins_{'0' * 32}"):
        assert asking.get(f"/v1/insights/{unknown}").status_code == 404


def test_what_is_not_found_again_expires(
    asking: TestClient, backplane: Backplane
) -> None:
    store(backplane, draw(PLANTED), begin=begun(backplane, days_ago=15))
    find(backplane)
    stood = asking.get("/v1/insights").json()["items"]
    with backplane.database.transaction() as connection:
        connection.execute(update(MetricPoint).values(total=5.0))
        connection.execute(update(Job).values(objective=7.0))
    find(backplane)
    assert asking.get("/insights/ai").json() == []
    gone = asking.get("/v1/insights?state=expired").json()["items"]
    assert {each["id"] for each in gone} == {each["id"] for each in stood}


def test_later_data_decide_how_much_is_believed(
    asking: TestClient, backplane: Backplane
) -> None:
    begin = begun(backplane, days_ago=40)
    store(backplane, draw(Planted(better={"memetic": 3.0})), begin=begin)
    find(backplane)
    before = asking.get("/v1/insights").json()["items"]
    assert before
    # As if it had been claimed before most of the solves had ended.
    with backplane.database.transaction() as connection:
        connection.execute(update(Insight).values(claimed_at=begin + 24 * HOUR))
    find(backplane)
    with backplane.database.reading() as connection:
        judged = connection.execute(select(InsightVerdict)).mappings().all()
    assert judged
    assert all(each["confirmed"] for each in judged)
    after = {
        e["id"]: e["confidence"] for e in asking.get("/v1/insights").json()["items"]
    }
    for each in before:
        assert after[each["id"]]["confirmed"] == len(judged)
        assert after[each["id"]]["percent"] > each["confidence"]["percent"]
    # Had the claims been of the other sign, they would be refuted.
    with backplane.database.transaction() as connection:
        connection.execute(
            update(Insight).values(
                claimed_at=begin + 25 * HOUR, claimed_effect=-Insight.effect
            )
        )
    find(backplane)
    least = asking.get("/v1/insights").json()["items"][0]["confidence"]
    assert least["refuted"] > 0
    assert least["percent"] < after[before[0]["id"]]["percent"]


def test_two_processes_find_the_same(backplane: Backplane) -> None:
    store(backplane, draw(PLANTED), begin=begun(backplane, days_ago=15))
    find(backplane)
    with backplane.database.reading() as connection:
        first = connection.execute(select(Insight.id, Insight.since)).all()
    find(backplane)
    with backplane.database.reading() as connection:
        assert connection.execute(select(Insight.id, Insight.since)).all() == first
