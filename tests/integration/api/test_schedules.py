"""/v1/schedules: made, looked at, changed, paused, triggered."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.scheduling import SCHEDULABLE
from db.backplane import Backplane
from db.contracts.kinds import KINDS
from db.contracts.kinds.solve import SolveRequest
from db.contracts.schedule import Overlap
from db.repositories import instances
from schedules.dispatch import dispatch
from tests import sample_schedules
from tests.integration.api.schedule_calls import (
    EVERY,
    JOB,
    NIGHTLY,
    change,
    let_come,
    look,
    make,
    runs,
)
from tests.sample_jobs import row

FLOW = [[0, 3, 1], [3, 0, 2], [1, 2, 0]]
DISTANCE = [[0, 5, 4], [5, 0, 6], [4, 6, 0]]
SECRET = "whsec_" + "A" * 43 + "="


def test_a_rule_tells_its_next_times_before_it_is_saved(client: TestClient) -> None:
    rule = {name: NIGHTLY[name] for name in ("cron", "time_zone")}
    answer = client.post("/v1/schedules/preview", json=rule)
    times = answer.json()["items"]
    assert answer.status_code == 200
    assert len(times) == 10
    assert times[:5] == make(client, NIGHTLY)["next_times"]
    wrong = client.post("/v1/schedules/preview", json={"cron": "every night"})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "#/cron"


def test_a_schedule_is_made_with_its_next_five_times(client: TestClient) -> None:
    answer = client.post("/v1/schedules", json=NIGHTLY)
    view = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == view["links"]["self"]
    assert view["next_times"][0] == view["next_at"]
    times = [datetime.fromisoformat(each) for each in view["next_times"]]
    assert len(times) == 5
    assert times == sorted(times)
    assert times[0] > datetime.now(UTC)
    assert times[4] - times[0] < timedelta(days=4, hours=2)
    assert (view["overlap"], view["catch_up_s"], view["seed"]) == ("skip", 3600, "each")
    assert view["job"] == JOB
    assert look(client, view) == view


def test_a_period_counts_from_its_start(client: TestClient) -> None:
    start = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    view = make(client, EVERY, start_at=start.isoformat(), every_s=90)
    times = [datetime.fromisoformat(each) for each in view["next_times"]]
    assert times == [start + timedelta(seconds=90 * number) for number in range(5)]


def test_the_end_is_the_end(client: TestClient) -> None:
    end = datetime.now(UTC) + timedelta(seconds=150)
    view = make(client, EVERY, end_at=end.isoformat())
    assert len(view["next_times"]) == 2


def test_a_cron_without_a_zone_goes_by_utc(client: TestClient) -> None:
    view = make(client, {"name": "hourly", "job": JOB, "cron": "0 * * * *"})
    assert view["time_zone"] == "UTC"
    assert view["next_at"].endswith(":00:00.000Z")


def test_matrices_are_stored_and_shown_by_their_hash(
    client: TestClient, app_backplane: Backplane
) -> None:
    instance = {"flow": FLOW, "distance": DISTANCE, "name": "mine"}
    view = make(client, EVERY, job={"instance": instance, "seed": 7})
    shown = view["job"]["instance"]
    assert set(shown) == {"name", "sha256"}
    assert view["seed"] == "fixed"
    with app_backplane.database.reading() as connection:
        assert instances.get_instance(connection, shown["sha256"]).name == "mine"
    # What is shown may be sent again.
    assert make(client, EVERY, job=view["job"])["job"] == view["job"]


@pytest.mark.parametrize(
    ("kind", "job"),
    [
        ("batch", {"items": [JOB, {"instance": {"name": "nug15"}}]}),
        ("benchmark", {"instances": ["nug12"], "methods": ["memetic"], "seeds": [1]}),
    ],
)
def test_a_job_that_is_made_of_others_may_be_scheduled(
    client: TestClient, app_backplane: Backplane, kind: str, job: dict[str, Any]
) -> None:
    view = make(client, EVERY, kind=kind, job=job)
    assert (view["kind"], view["job"], view["seed"]) == (kind, job, "fixed")
    let_come(app_backplane, view)
    (run,) = runs(client, view)
    started = client.get(f"/v1/jobs/{run['job_id']}").json()
    assert (started["kind"], started["origin_id"]) == (kind, view["id"])
    assert started["counts"]["total"] == len(job.get("items", "1"))


def test_the_items_of_a_batch_are_shown_by_hash_and_without_secrets(
    client: TestClient,
) -> None:
    good = {"instance": {"flow": FLOW, "distance": DISTANCE}}
    bad = {"instance": {"flow": FLOW, "name": "mine"}, "webhook_secret": SECRET}
    job = {"items": [good, bad], "on_error": "skip"}
    view = make(client, EVERY, kind="batch", job=job)
    shown, rest = view["job"]["items"]
    assert set(shown["instance"]) == {"sha256"}
    assert rest == {"instance": {"name": "mine"}}


def test_every_kind_of_job_may_be_scheduled() -> None:
    # Islands are asked for as a solve, here as anywhere.
    assert {*SCHEDULABLE, "islands"} == set(KINDS)


def test_a_solve_by_islands_may_be_scheduled(client: TestClient) -> None:
    job = {"instance": {"name": "nug12"}, "islands": 3, "limits": {"iterations": 9}}
    view = make(client, EVERY, job=job)
    started = client.post(view["links"]["trigger"]).json()
    assert started["kind"] == "islands"
    assert client.get(started["links"]["self"]).json()["counts"]["total"] == 3


def test_a_calculation_may_be_scheduled(
    client: TestClient, app_backplane: Backplane
) -> None:
    flows = {"cash_flows": [60, 70], "initial_investment": 100}
    job = {"calculation": "npv", "parameters": flows}
    view = make(client, EVERY, kind="calculate", job=job)
    assert (view["job"], view["seed"]) == (job, "fixed")
    started = client.post(view["links"]["trigger"]).json()
    assert (started["kind"], started["method"]) == ("calculate", "npv")
    wrong = {"calculation": "nvp", "parameters": flows}
    answer = client.post(
        "/v1/schedules", json={**EVERY, "name": "x", "kind": "calculate", "job": wrong}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/job/calculation"


def test_paths_are_drawn_anew_each_time_unless_they_name_a_seed(
    client: TestClient,
) -> None:
    example = client.get("/v1/calculations/monte_carlo").json()["example"]
    unseeded = {name: value for name, value in example.items() if name != "seed"}
    for parameters, seed in ((example, "fixed"), (unseeded, "each")):
        job = {"calculation": "monte_carlo", "parameters": parameters}
        view = make(client, EVERY, kind="calculate", job=job)
        assert view["seed"] == seed
        drawn = [client.post(view["links"]["trigger"]).json()["seed"] for _ in range(2)]
        assert (drawn[0] == drawn[1]) == (seed == "fixed")


def test_a_due_time_becomes_a_job_of_the_schedule(
    client: TestClient, app_backplane: Backplane
) -> None:
    view = make(client, EVERY)
    let_come(app_backplane, view)
    seen = look(client, view)
    (run,) = runs(client, view)
    assert (run["outcome"], run["cause"], run["times"]) == ("started", "due", 1)
    assert seen["last_run"] == {**run, "job_state": "queued"}
    assert (seen["runs"], seen["skips"]) == (1, 0)
    job = client.get(f"/v1/jobs/{run['job_id']}").json()
    assert (job["origin"], job["origin_id"]) == ("schedule", view["id"])
    assert job["method"] == "auto"
    assert job["limits"]["iterations"] == 100


def test_why_there_was_no_job_is_told(
    client: TestClient, app_backplane: Backplane
) -> None:
    view = make(client, EVERY)
    let_come(app_backplane, view, ago=2)
    let_come(app_backplane, view, ago=1)
    told = [
        (run["number"], run["outcome"], run["reason"]) for run in runs(client, view)
    ]
    assert told == [(2, "skipped", "overlap"), (1, "started", None)]
    assert look(client, view)["skips"] == 1


def test_runs_are_paged(client: TestClient, app_backplane: Backplane) -> None:
    view = make(client, EVERY)
    for _ in range(3):
        client.post(view["links"]["trigger"])
    first = client.get(view["links"]["runs"], params={"limit": 2}).json()
    assert [run["number"] for run in first["items"]] == [3, 2]
    rest = client.get(view["links"]["runs"], params={"after": first["next"]}).json()
    assert [run["number"] for run in rest["items"]] == [1]
    assert rest["next"] == ""


def test_schedules_are_listed_newest_first_and_paged(client: TestClient) -> None:
    made = [make(client, EVERY, name=f"number {number}")["id"] for number in range(3)]
    first = client.get("/v1/schedules", params={"limit": 2}).json()
    rest = client.get("/v1/schedules", params={"after": first["next"]}).json()
    assert rest["next"] == ""
    listed = [each["id"] for each in first["items"] + rest["items"]]
    assert listed == made[::-1]
    (newest, *_) = first["items"]
    assert (newest["job"], newest["next_times"]) == (None, None)


def test_a_trigger_starts_a_job_also_while_it_is_paused(
    client: TestClient, app_backplane: Backplane
) -> None:
    view = make(client, EVERY, paused=True)
    assert (view["next_at"], view["next_times"]) == (None, [])
    answer = client.post(view["links"]["trigger"])
    job = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == job["links"]["self"]
    assert (job["state"], job["origin_id"]) == ("queued", view["id"])
    (run,) = runs(client, view)
    assert (run["cause"], run["job_id"]) == ("trigger", job["id"])
    assert client.get(job["links"]["self"]).json()["id"] == job["id"]
    assert row(app_backplane.database, job["id"]).state == "queued"


def test_a_paused_schedule_goes_on_from_when_it_is_resumed(
    client: TestClient, app_backplane: Backplane
) -> None:
    view = make(client, EVERY)
    for _ in range(2):
        paused = client.post(view["links"]["pause"]).json()
        assert (paused["paused"], paused["next_at"]) == (True, None)
    dispatch(app_backplane)
    for _ in range(2):
        resumed = client.post(view["links"]["resume"]).json()
        assert (resumed["paused"], resumed["next_at"]) == (False, view["next_at"])
    assert runs(client, view) == []
    assert change(client, view, paused=True)["next_times"] == []
    assert change(client, view, paused=False)["next_at"] == view["next_at"]


def test_pausing_lets_go_what_waits(
    client: TestClient, app_backplane: Backplane
) -> None:
    view = make(client, EVERY, overlap="queue_one")
    let_come(app_backplane, view, ago=2)
    let_come(app_backplane, view, ago=1)
    assert look(client, view)["waiting_at"] is not None
    paused = client.post(view["links"]["pause"]).json()
    assert paused["waiting_at"] is None
    assert paused["last_run"]["reason"] == "paused"


def test_resuming_what_runs_takes_no_due_time_away(
    client: TestClient, app_backplane: Backplane
) -> None:
    view = make(client, EVERY)
    due_at = sample_schedules.make_due(app_backplane.database, view["id"])
    client.post(view["links"]["resume"])
    change(client, view, name="another name", every_s=90)
    assert sample_schedules.row(app_backplane.database, view["id"]).next_at == due_at
    dispatch(app_backplane)
    assert len(runs(client, view)) == 1


def test_a_patch_changes_what_it_names(client: TestClient) -> None:
    view = make(client, NIGHTLY)
    assert change(client, view) == {
        **view,
        "updated_at": look(client, view)["updated_at"],
    }
    changed = change(client, view, name="weekly", cron="0 4 * * 1", overlap="allow")
    assert (changed["name"], changed["cron"]) == ("weekly", "0 4 * * 1")
    assert changed["time_zone"] == "Europe/Berlin"
    assert changed["overlap"] == Overlap.ALLOW
    assert changed["job"] == view["job"]
    by_period = change(client, view, every_s=10)
    assert (by_period["cron"], by_period["time_zone"]) == (None, None)
    by_clock = change(client, view, cron="0 5 * * *")
    assert (by_clock["every_s"], by_clock["time_zone"]) == (None, "UTC")
    ending = change(client, view, end_at="2099-01-01T00:00:00Z")
    assert ending["end_at"] == "2099-01-01T00:00:00.000Z"
    assert change(client, view, end_at=None)["end_at"] is None


def test_a_new_job_replaces_the_whole_old_one(
    client: TestClient, app_backplane: Backplane
) -> None:
    view = make(client, EVERY, job={**JOB, "method": "tabu_search"})
    changed = change(client, view, job={"instance": {"name": "nug30"}, "seed": 3})
    assert changed["job"] == {"instance": {"name": "nug30"}, "seed": 3}
    assert changed["seed"] == "fixed"
    let_come(app_backplane, view)
    (run,) = runs(client, view)
    job = row(app_backplane.database, run["job_id"])
    request = SolveRequest.model_validate_json(job.request)
    assert (request.instance_name, request.method, request.seed) == ("nug30", "auto", 3)


def test_a_deleted_schedule_leaves_its_jobs(
    client: TestClient, app_backplane: Backplane
) -> None:
    view = make(client, EVERY)
    let_come(app_backplane, view)
    (run,) = runs(client, view)
    assert client.delete(view["links"]["self"]).status_code == 204
    for name, path in view["links"].items():
        call = client.get if name in ("self", "runs") else client.post
        assert call(path).status_code == 404
    assert client.delete(view["links"]["self"]).status_code == 404
    assert client.patch(view["links"]["self"], json={"name": "x"}).status_code == 404
    assert client.get(f"/v1/jobs/{run['job_id']}").status_code == 200


def test_the_webhooks_secret_is_shown_once(client: TestClient) -> None:
    url = "https://example.com/told"
    view = make(client, EVERY, job={**JOB, "webhook_url": url})
    assert view["webhook"]["secret"].startswith("whsec_")
    assert view["job"]["webhook_url"] == url
    seen = client.get(view["links"]["self"])
    assert seen.json()["webhook"] == {"url": url, "secret": None}
    own = {**JOB, "webhook_url": url, "webhook_secret": SECRET}
    changed = client.patch(view["links"]["self"], json={"job": own})
    assert changed.json()["webhook"]["secret"] == SECRET
    for path in (view["links"]["self"], "/v1/schedules"):
        assert "whsec_" not in client.get(path).text
    assert "whsec_" not in client.patch(view["links"]["self"], json={"name": "x"}).text
