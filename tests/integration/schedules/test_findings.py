"""From rows to findings: the same reading for planted facts as for real ones."""

import json

import numpy as np
import pytest
from sqlalchemy import func, insert, select, update

from db.backplane import Backplane
from db.contracts.errors import NotUndoableError
from db.contracts.insight import AutomationName
from db.contracts.series import Tier
from db.engine import Database
from db.models import (
    Insight,
    InsightPrediction,
    Job,
    MethodRoute,
    MetricPoint,
)
from db.repositories import automations, insights, jobs
from db.repositories.jobs import database_time
from schedules import findings
from tests.sample_jobs import new_job

DAYS = 14


def plant(database: Database, *, worse: str = "auto", seed: int = 3) -> None:
    """Write solves in which one method ends 2 % higher, and a daily cycle."""
    rng = np.random.default_rng(seed)
    with database.transaction() as connection:
        end = database_time(connection)
        template, _ = jobs.insert_job(connection, new_job())
        columns = {
            column.name: getattr(template, column.name)
            for column in Job.__table__.columns
        }
        rows = []
        for number in range(20):
            level = 1e5 * float(rng.lognormal(0, 1))
            for method in ("auto", "memetic"):
                value = level * float(np.exp(rng.normal(0, 0.004)))
                value *= 1.02 if method == worse else 1.0
                improvements = [[0.1, value * 1.1], [1.0, value * 1.02], [8.0, value]]
                request = {"order": 50, "method": method, "limits": {"time_s": 10}}
                rows.append(
                    columns
                    | {
                        "id": f"job_{seed}_{number}_{method}",
                        "state": "succeeded",
                        "leads": False,
                        "fingerprint": f"{seed}{number}{method}",
                        "method": method,
                        "instance_sha256": f"{number:064d}",
                        "matrix_order": 50,
                        "request": json.dumps(request),
                        "result": json.dumps({"improvements": improvements}),
                        "objective": value,
                        "elapsed_s": 10.0,
                        "created_at": end - 30 - number,
                        "started_at": end - 20 - number,
                        "finished_at": end - 10 - number,
                    }
                )
        connection.execute(insert(Job), rows)
        first = int(end // 3600) - 24 * DAYS
        points = [
            {
                "series": "jobs_ended.solve",
                "tier": Tier.HOUR.value,
                "at": hour * 3600.0,
                "samples": 360,
                "total": float(rng.poisson(90 if 10 <= hour % 24 < 18 else 30)),
            }
            for hour in range(first, int(end // 3600))
        ]
        connection.execute(insert(MetricPoint), points)


def found(backplane: Backplane) -> dict[str, Insight]:
    with backplane.database.reading() as connection:
        listed = insights.list_insights(
            connection, kind=None, is_open=True, after=None, limit=100
        )
    return {each.subject: each for each in listed}


def test_nothing_is_said_of_an_empty_service(backplane: Backplane) -> None:
    findings.look(backplane)
    assert found(backplane) == {}
    with backplane.database.reading() as connection:
        assert insights.told(connection) == []


def test_planted_facts_are_found_in_rows(backplane: Backplane) -> None:
    plant(backplane.database)
    findings.look(backplane)
    before = found(backplane)
    # Once more, as a second courier would: the same.
    findings.look(backplane)
    assert set(found(backplane)) == set(before)
    wins = before["26 to 70|memetic|auto"]
    assert wins.low <= 100 * (1 / 1.02 - 1) <= wins.high < 0
    assert 10 <= json.loads(before["arrivals"].facts)["peak_hour"] < 18
    assert before["memetic|26 to 70|10"].low > 1
    assert len(before) == 4
    with backplane.database.reading() as connection:
        promises = connection.execute(
            select(func.count()).select_from(InsightPrediction)
        )
        assert promises.scalar_one() == 4


def test_promises_are_judged_by_what_came_later(backplane: Backplane) -> None:
    plant(backplane.database)
    findings.look(backplane)
    long_ago = {"made_at": 1.0, "due_at": 2.0}
    with backplane.database.transaction() as connection:
        connection.execute(update(InsightPrediction).values(long_ago))
    sure = found(backplane)["26 to 70|memetic|auto"].confidence
    findings.look(backplane)
    again = found(backplane)["26 to 70|memetic|auto"]
    assert again.confidence > sure
    assert json.loads(again.facts)["predictions_right"] == 1
    # What came after turned it round.
    with backplane.database.transaction() as connection:
        connection.execute(
            update(InsightPrediction)
            .where(InsightPrediction.settled_at.is_(None))
            .values(long_ago | {"made_at": 3.0})
        )
        connection.execute(
            update(Job)
            .where(Job.method == "memetic")
            .values(objective=Job.objective * 1.1)
        )
    findings.look(backplane)
    now = found(backplane)
    assert "26 to 70|memetic|auto" not in now
    with backplane.database.reading() as connection:
        assert insights.get(connection, again.id).superseded_by is not None
        assert insights.hits_by_kind(connection)["method_wins"] == (1, 2)


def route(backplane: Backplane, order: int = 50) -> str | None:
    with backplane.database.reading() as connection:
        return automations.route_of(connection, order)


def test_nothing_is_done_unless_it_is_switched_on(backplane: Backplane) -> None:
    plant(backplane.database)
    findings.look(backplane)
    assert route(backplane) is None
    with backplane.database.transaction() as connection:
        automations.switch(
            connection, AutomationName.ROUTE_AUTO, enabled=True, caller="me"
        )
    findings.look(backplane)
    findings.look(backplane)
    assert route(backplane) == "memetic"
    assert route(backplane, 71) is None
    with backplane.database.transaction() as connection:
        (entry,) = automations.list_entries(connection, after=None, limit=9)
        automations.undo(connection, entry.id, caller="me")
    assert route(backplane) is None
    findings.look(backplane)
    # It was said no to, for this reason.
    assert route(backplane) is None
    with (
        backplane.database.transaction() as connection,
        pytest.raises(NotUndoableError),
    ):
        automations.undo(connection, entry.id, caller="me")
    with backplane.database.reading() as connection:
        assert connection.execute(select(MethodRoute)).first() is None
