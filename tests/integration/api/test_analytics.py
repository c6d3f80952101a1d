"""/analytics: which solves are told of, in which order, and in what form."""

import csv
import io
import tracemalloc
from collections.abc import Callable
from unittest.mock import AsyncMock

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.routers import analytics
from db.backplane import Backplane
from db.contracts.caller import Caller, Scope
from db.contracts.errors import InvalidInputError
from db.contracts.event import JobEnded
from db.contracts.identifier import new_id
from db.contracts.job_state import JobState
from db.engine import now
from db.models import Job
from db.repositories import attempts
from tests import sample_jobs

End = Callable[..., str]


@pytest.fixture
def end(app_backplane: Backplane) -> End:
    """Return a function that records a solve and ends it."""

    def run(
        *,
        state: JobState = JobState.SUCCEEDED,
        told: dict[str, object] | None = None,
        error: str | None = None,
        **of_the_job: object,
    ) -> str:
        database = app_backplane.database
        claimed = sample_jobs.claim(
            database, sample_jobs.submit(database, **of_the_job)
        )
        with database.transaction() as connection:
            attempts.finish(
                connection,
                claimed.job_id,
                attempt=claimed.attempt,
                state=state,
                payload=JobEnded(attempt=1, **(told or {})),  # type: ignore[arg-type]
                error=None if error is None else InvalidInputError(error).record(),
            )
        return claimed.job_id

    return run


def ids(client: TestClient, query: str = "") -> list[str]:
    answer = client.get(f"/analytics/history{query}")
    assert answer.status_code == 200, answer.text
    return [entry["job_id"] for entry in answer.json()["history"]]


def test_the_last_to_end_comes_first(client: TestClient, end: End) -> None:
    first, second = end(), end()
    assert ids(client) == [second, first]


def test_what_has_not_ended_is_no_history(
    client: TestClient, app_backplane: Backplane
) -> None:
    sample_jobs.submit(app_backplane.database)
    told = client.get("/analytics/history").json()
    assert told == {"total": 0, "history": [], "next": ""}


def test_an_entry_tells_what_the_solve_came_to(client: TestClient, end: End) -> None:
    told = {"objective": 200, "best_known": 150, "gap_to_best_known": 1 / 3}
    told |= {"elapsed_s": 0.25, "iterations": 500}
    end(told=told, method="tabu_search", matrix_order=12)
    (entry,) = client.get("/analytics/history").json()["history"]
    assert (entry["objective_value"], entry["quality"]) == (200, 0.75)
    assert entry["gap_percent"] == pytest.approx(100 / 3)
    assert (entry["runtime_seconds"], entry["iterations"]) == (0.25, 500)
    assert (entry["method"], entry["problem_size"]) == ("tabu_search", 12)
    assert (entry["status"], entry["error"], entry["cached"]) == (
        "completed",
        None,
        False,
    )


@pytest.mark.parametrize(
    ("state", "error", "told"),
    [
        (JobState.FAILED, "it is odd", "it is odd"),
        (JobState.CANCELLED, None, "it was cancelled"),
        (JobState.EXPIRED, None, "it has expired, before its end"),
    ],
)
def test_what_was_not_solved_says_why(
    client: TestClient, end: End, state: JobState, error: str | None, told: str
) -> None:
    end(state=state, error=error)
    (entry,) = client.get("/analytics/history").json()["history"]
    assert (entry["status"], entry["error"]) == ("failed", told)
    assert entry["runtime_seconds"] > 0


def test_an_item_of_a_batch_has_the_name_that_its_answer_had(
    client: TestClient, end: End
) -> None:
    batch = new_id("job")
    end(parent_id=batch, position=3)
    (entry,) = client.get("/analytics/history").json()["history"]
    assert entry["request_id"] == f"{batch}-3"
    assert client.get(f"/solve/{entry['request_id']}/status").status_code == 200


def test_filters_hold_all_at_once(client: TestClient, end: End) -> None:
    wanted = end(method="memetic", state=JobState.FAILED, error="odd")
    end(method="memetic")
    end(method="exact", state=JobState.FAILED, error="odd")
    assert ids(client, "?method=memetic&state=failed") == [wanted]
    assert ids(client, f"?instance={'1' * 64}") == []


def test_the_times_are_those_of_the_ends(
    client: TestClient, app_backplane: Backplane, end: End
) -> None:
    old, new = end(), end()
    sample_jobs.set_row(app_backplane.database, old, finished_at=now() - 7200)
    with app_backplane.database.reading() as connection:
        hour_ago = sample_jobs.jobs.database_time(connection) - 3600
    query = {"ended_after": analytics.timestamp(hour_ago)}
    answer = client.get("/analytics/history", params=query)
    assert [entry["job_id"] for entry in answer.json()["history"]] == [new]
    query = {"ended_before": analytics.timestamp(hour_ago)}
    answer = client.get("/analytics/history", params=query)
    assert [entry["job_id"] for entry in answer.json()["history"]] == [old]


def test_a_time_is_meant_to_the_millisecond(
    client: TestClient, app_backplane: Backplane, end: End
) -> None:
    for job_id, at in ((end(), 1_700_000_000.25), (late := end(), 1_700_000_000.75)):
        sample_jobs.set_row(app_backplane.database, job_id, finished_at=at)
    query = {"ended_after": "2023-11-14T22:13:20.500Z"}
    answer = client.get("/analytics/history", params=query)
    assert [entry["job_id"] for entry in answer.json()["history"]] == [late]


def test_pages_leave_nothing_out_and_tell_nothing_twice(
    client: TestClient, app_backplane: Backplane, end: End
) -> None:
    made = [end() for _ in range(7)]
    for job_id in made:
        # Of those that end at one moment, too.
        sample_jobs.set_row(app_backplane.database, job_id, finished_at=1000.0)
    seen, query = [], "?limit=3"
    while query:
        told = client.get(f"/analytics/history{query}").json()
        assert told["total"] == 7
        seen += [entry["job_id"] for entry in told["history"]]
        query = f"?limit=3&after={told['next']}" if told["next"] else ""
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "#query/limit"),
        ("limit=10001", "#query/limit"),
        ("limit=many", "#query/limit"),
        ("state=done", "#query/state/0"),
        ("after=nowhere", "#query/after"),
        ("ended_after=yesterday", "#query/ended_after"),
        ("ended_after=2026-11-22T00:00:00", "#query/ended_after"),
        ("instance=nug12", "#query/instance"),
    ],
)
def test_a_query_that_cannot_be_is_refused(
    client: TestClient, query: str, pointer: str
) -> None:
    answer = client.get(f"/analytics/history?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_others_history_is_not_there(
    app: FastAPI, client: TestClient, end: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, others = end(caller="ann"), end(caller="bob")
    ann = Caller(name="ann", scopes=frozenset({Scope.READ}), is_known=True)
    assert ids(client) == [others, mine]
    monkeypatch.setattr(app.state.door, "admit", AsyncMock(return_value=ann))
    assert ids(client) == [mine]
    assert others not in client.get("/analytics/export/csv").text
    assert client.get("/analytics/export/json").json()["total_records"] == 1


def test_what_a_caller_wrote_is_no_formula_in_the_csv(
    client: TestClient, end: End
) -> None:
    end(state=JobState.FAILED, error='=HYPERLINK("http://x.example";"y")')
    text = client.get("/analytics/export/csv").text
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["error"] == '\'=HYPERLINK("http://x.example";"y")'


def test_an_export_of_many_holds_few_of_them(
    app: FastAPI, app_backplane: Backplane, client: TestClient, end: End
) -> None:
    model = sample_jobs.row(app_backplane.database, end(matrix_order=4))
    row = {c.name: getattr(model, c.name) for c in Job.__table__.columns}
    count = 10_000
    with app_backplane.database.transaction() as connection:
        connection.execute(
            Job.__table__.insert(),
            [row | {"id": new_id("job")} for _ in range(count - 1)],
        )
    state = app.state.solvequeue
    for pieces in (analytics.csv_lines, analytics.json_text):
        rows = 0
        tracemalloc.start()
        for piece in pieces(state, analytics.HistoryFilter(), count):
            rows += piece.count("job_id") or piece.count("\r\n")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        # All at once are some 20 MB.
        assert peak < 6_000_000
        assert rows >= count
    told = client.get("/analytics/export/json").json()
    assert told["total_records"] == len(told["data"]) == count
    assert len({entry["job_id"] for entry in told["data"]}) == count
