"""Looking at jobs, waiting for news of them, listing and cancelling them."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts.job_state import JobState
from db.repositories import jobs
from tests.integration.api.live import LiveApi
from tests.integration.api.story import PERMUTATION, Story
from tests.sample_jobs import set_row
from tests.waiting import wait_until
from worker.attempt import run_attempt

WAIT = {"Prefer": "wait=30"}


def path_of(story: Story) -> str:
    return f"/v1/jobs/{story.job_id}"


def test_nothing_new_is_not_sent_again(client: TestClient, story: Story) -> None:
    tag = client.get(path_of(story)).headers["etag"]
    for known in (tag, f'"x", {tag}', tag.removeprefix("W/")):
        answer = client.get(path_of(story), headers={"If-None-Match": known})
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["etag"] == tag


def test_the_tag_of_the_acceptance_is_that_of_the_job(client: TestClient) -> None:
    accepted = client.post("/v1/jobs", json={"instance": {"name": "nug12"}})
    headers = {"If-None-Match": accepted.headers["etag"]}
    answer = client.get(accepted.headers["location"], headers=headers)
    assert answer.status_code == 304


@pytest.mark.parametrize(
    "happens",
    [Story.improve, Story.end, lambda story: _cancel(story)],
    ids=["an incumbent", "the end", "a wish to cancel"],
)
def test_the_tag_changes_with_everything_that_happens(
    client: TestClient, story: Story, happens: Callable[[Story], object]
) -> None:
    tag = client.get(path_of(story)).headers["etag"]
    happens(story)
    answer = client.get(path_of(story), headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag


def _cancel(story: Story) -> None:
    with story.backplane.database.transaction() as connection:
        jobs.request_cancel(connection, story.job_id)


def test_a_long_poll_answers_when_an_event_comes(live: LiveApi, story: Story) -> None:
    client = httpx2.Client(base_url=live.url, trust_env=False, timeout=40)
    found: list[httpx2.Response] = []

    def wait(tag: str) -> None:
        headers = {**WAIT, "If-None-Match": tag}
        found.append(client.get(path_of(story), headers=headers))

    with client:
        tag = client.get(path_of(story)).headers["etag"]
        waiting = threading.Thread(target=wait, args=[tag])
        waiting.start()
        wait_until(lambda: live.app.state.hub.subscriptions == 1)
        assert not found
        story.improve()
        waiting.join(20)
    assert found[0].status_code == 200
    assert found[0].json()["progress"]["sequence"] == story.told


def test_a_long_poll_without_news_says_so(client: TestClient, story: Story) -> None:
    tag = client.get(path_of(story)).headers["etag"]
    headers = {"If-None-Match": tag, "Prefer": "wait=1"}
    assert client.get(path_of(story), headers=headers).status_code == 304


def test_a_long_poll_whose_client_has_gone_ends(live: LiveApi, story: Story) -> None:
    hub = live.app.state.hub
    with httpx2.Client(base_url=live.url, trust_env=False, timeout=30) as client:
        tag = client.get(path_of(story)).headers["etag"]
        headers = {**WAIT, "If-None-Match": tag}
        with pytest.raises(httpx2.ReadTimeout):
            client.get(path_of(story), headers=headers, timeout=0.2)
    # Sooner than the 30 s that it would have waited.
    wait_until(lambda: hub.subscriptions == 0, seconds=25)


def test_there_is_no_result_before_the_first_incumbent(
    client: TestClient, story: Story
) -> None:
    answer = client.get(f"{path_of(story)}/result")
    assert (answer.status_code, answer.content) == (204, b"")


def test_the_best_so_far_is_shown_while_the_job_runs(
    client: TestClient, story: Story
) -> None:
    story.improve(3)
    shown = client.get(f"{path_of(story)}/result").json()
    assert (shown["final"], shown["state"]) == (False, "running")
    assert shown["permutation"] == PERMUTATION
    assert shown["objective"] == 996
    assert shown["result"] is None


def test_the_result_is_whole_at_the_end(client: TestClient, story: Story) -> None:
    story.improve(3).end()
    shown = client.get(f"{path_of(story)}/result").json()
    assert (shown["final"], shown["state"]) == (True, "succeeded")
    assert shown["objective"] == shown["result"]["certificate"]["objective"] == 10


def test_a_job_that_ended_without_a_result_has_none(
    client: TestClient, app_backplane: Backplane
) -> None:
    story = Story(app_backplane).begin()
    assert client.post(f"{path_of(story)}/cancel").status_code == 200
    answer = client.get(f"{path_of(story)}/result")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "the job is cancelled and has no result"


def test_a_queued_job_that_is_cancelled_never_runs(
    client: TestClient, app_backplane: Backplane
) -> None:
    story = Story(app_backplane).begin()
    first = client.post(f"{path_of(story)}/cancel")
    again = client.post(f"{path_of(story)}/cancel")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["state"] == again.json()["state"] == "cancelled"
    run_attempt(app_backplane, story.job_id)
    assert client.get(path_of(story)).json()["attempt"] == 0
    types = [body.split('"type":"')[1].split('"')[0] for body in story.bodies()]
    assert types == ["job.queued", "job.cancelled"]


def test_a_running_job_is_asked_to_stop(client: TestClient, story: Story) -> None:
    for _ in range(2):
        answer = client.post(f"{path_of(story)}/cancel")
        assert answer.status_code == 202
        assert answer.json()["state"] == "running"
        assert answer.json()["cancel_requested"] is True
    assert story.backplane.stream.is_cancel_requested(story.job_id)
    story.end(JobState.CANCELLED)
    assert client.post(f"{path_of(story)}/cancel").status_code == 200


def test_a_finished_job_is_not_cancelled(client: TestClient, story: Story) -> None:
    story.end()
    before = client.get(path_of(story)).json()
    answer = client.post(f"{path_of(story)}/cancel")
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/job-finished"
    assert answer.json()["suggestion"]
    assert client.get(path_of(story)).json() == before


@pytest.mark.parametrize("rest", ["", "/events", "/result", "/cancel"])
def test_a_job_that_never_was_is_not_found(client: TestClient, rest: str) -> None:
    path = f"/v1/jobs/job_{'0' * 32}{rest}"
    answer = client.request("POST" if rest == "/cancel" else "GET", path)
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"


def pages(client: TestClient, **query: Any) -> list[list[str]]:
    found: list[list[str]] = []
    after: dict[str, str] = {}
    while True:
        page = client.get("/v1/jobs", params={**query, **after}).json()
        found.append([item["id"] for item in page["items"]])
        if not page["next"]:
            return found
        after = {"after": page["next"]}


def begun_in_turn(backplane: Backplane, count: int) -> list[str]:
    """Return jobs, oldest first; no two in the same tick of the database's clock."""

    def clock() -> float:
        with backplane.database.reading() as connection:
            return jobs.database_time(connection)

    ids = []
    for _ in range(count):
        ids.append(Story(backplane).begin().job_id)
        begun_at = clock()
        wait_until(lambda: clock() > begun_at)  # noqa: B023 - waits before it changes
    return ids


def test_pages_are_complete_and_the_newest_comes_first(
    client: TestClient, app_backplane: Backplane
) -> None:
    ids = begun_in_turn(app_backplane, 10)
    assert pages(client, limit=3) == [
        ids[9:6:-1],
        ids[6:3:-1],
        ids[3:0:-1],
        ids[:1],
    ]
    assert pages(client, limit=5) == [ids[9:4:-1], ids[4::-1]]
    assert pages(client, limit=200) == [ids[::-1]]


def test_pages_stay_as_they_are_while_jobs_arrive(
    client: TestClient, app_backplane: Backplane
) -> None:
    ids = begun_in_turn(app_backplane, 9)
    page = client.get("/v1/jobs", params={"limit": 4}).json()
    found = [item["id"] for item in page["items"]]
    while page["next"]:
        Story(app_backplane).begin()
        page = client.get("/v1/jobs", params={"limit": 4, "after": page["next"]}).json()
        found += [item["id"] for item in page["items"]]
    assert found == ids[::-1]


def test_a_listing_shows_what_is_asked_for(
    client: TestClient, app_backplane: Backplane, story: Story
) -> None:
    (queued_id,) = begun_in_turn(app_backplane, 1)
    ended = Story(app_backplane).begin().start().end()
    get = partial(pages, client)
    assert get(state="running") == [[story.job_id]]
    assert get(state=["queued", "succeeded"]) == [[ended.job_id, queued_id]]
    assert get(kind="solve", method="auto", instance="0" * 64) == get()
    for nothing in ({"kind": "other"}, {"method": "none"}, {"instance": "1" * 64}):
        assert get(**nothing) == [[]]


def test_a_listing_tells_in_short_what_solves_came_to(
    client: TestClient, app_backplane: Backplane, story: Story
) -> None:
    ended = Story(app_backplane).begin().start().end()
    told = {job["id"]: job["summary"] for job in client.get("/v1/jobs").json()["items"]}
    assert told[story.job_id] is None
    assert told[ended.job_id]["objective"] == 10


def test_a_listing_may_be_of_a_span_of_time(
    client: TestClient, app_backplane: Backplane
) -> None:
    old, new = begun_in_turn(app_backplane, 2)
    set_row(app_backplane.database, old, created_at=1_000_000_000.0)
    turn = "2020-01-01T00:00:00Z"
    get = partial(pages, client)
    assert get(created_before=turn) == [[old]]
    assert get(created_after=turn) == [[new]]
    answer = client.get("/v1/jobs?created_after=2020-01-01T00:00:00")
    assert answer.json()["errors"][0]["pointer"] == "#query/created_after"


def test_a_listing_holds_no_results(client: TestClient, story: Story) -> None:
    story.improve().end()
    (item,) = client.get("/v1/jobs").json()["items"]
    assert item["result"] is None
    assert client.get(path_of(story)).json()["result"]["objective"] == 10
