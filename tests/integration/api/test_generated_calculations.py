"""Every calculation with many bodies: none of them makes a fault of ours.

What a schema allows is accepted, or refused for what no schema can say; what it does
not allow is refused where it is wrong. SOLVEQUEUE_TEST_GENERATED draws more.
"""

import os
import random  # noqa: TID251 - as the maker has it
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts.calculations import CALCULATIONS
from tests.integration.api.generated import Maker
from tests.one_worker import OneWorker
from tests.waiting import wait_until
from worker.isolation import end_idle

COUNT = int(os.environ.get("SOLVEQUEUE_TEST_GENERATED", "6"))
SEED = int(os.environ.get("SOLVEQUEUE_TEST_SEED", "7"))
BLAME = {"invalid-input", "time-limit", "memory-limit"}
"""What a job may fail by where its request is to blame."""
MAX_PATHS = 2_000


def points_into(pointer: str, body: Any) -> bool:
    """Return whether the pointer names a place of the body, or one missing in it."""
    found = body
    *path, last = [
        part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]
    ]
    for part in path:
        found = found[int(part)] if isinstance(found, list) else found[part]
    if isinstance(found, list):
        return int(last) < len(found)
    return isinstance(found, dict)


def assert_told_where(answer: Any, body: Any) -> None:
    assert answer.status_code == 422, (body, answer.text)
    assert answer.json()["errors"]
    for each in answer.json()["errors"]:
        assert each["suggestion"], each
        assert each["pointer"].startswith("#/parameters"), (each, body)
        assert points_into(each["pointer"], body), (each, body)


@pytest.mark.parametrize("name", CALCULATIONS)
def test_whatever_is_sent_is_no_fault_of_ours(
    client: TestClient, app_backplane: Backplane, name: str
) -> None:
    rng = random.Random(f"{SEED} {name}")
    schema = client.get(f"/v1/calculations/{name}").json()["parameters"]
    maker, worker = Maker(schema, rng), OneWorker(app_backplane)
    example = CALCULATIONS[name].example
    asked = done = 0
    try:
        for _ in range(COUNT):
            parameters = maker.fitting() if asked else dict(example)
            if asked and rng.random() < 0.5:
                # Near what is meant more gets through to the worker.
                parameters = {**example, **pick(parameters, rng)}
            cut(parameters)
            answer = post(client, name, parameters)
            if answer.status_code == 422:
                assert_told_where(answer, {"parameters": parameters})
                continue
            assert answer.status_code in (201, 202), (parameters, answer.text)
            asked += 1
            job = ended(client, worker, answer.json()["links"]["self"])
            if job["state"] == "failed":
                assert job["error"]["code"] in BLAME, (parameters, job["error"])
                assert job["error"]["suggestion"]
                continue
            assert job["state"] == "succeeded", (parameters, job)
            done += 1
        for _ in range(COUNT):
            where, parameters = maker.broken(dict(example))
            answer = post(client, name, parameters)
            body = {"parameters": parameters}
            assert_told_where(answer, body)
            pointers = [each["pointer"] for each in answer.json()["errors"]]
            assert any(f"/{where}" in each for each in pointers), (pointers, body)
    finally:
        end_idle()
    print(f"{name}: {COUNT} sent, {asked} accepted, {done} succeeded")


def pick(parameters: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Return one or two of the fields."""
    count = min(len(parameters), rng.randint(1, 2))
    return {key: parameters[key] for key in rng.sample(list(parameters), count)}


def cut(parameters: dict[str, Any]) -> None:
    """Keep the sizes small: how long they take is not what is asked here."""
    for name in ("paths", "max_paths", "levels", "digits"):
        if isinstance(parameters.get(name), int):
            parameters[name] = min(parameters[name], MAX_PATHS)


def ended(client: TestClient, worker: OneWorker, link: str) -> dict[str, Any]:
    """Return the job, once the worker has come to it."""

    def job() -> dict[str, Any] | None:
        worker.work()
        found: dict[str, Any] = client.get(link).json()
        return found if found["finished_at"] is not None else None

    wait_until(job)
    found = job()
    assert found is not None
    return found


def post(client: TestClient, name: str, parameters: dict[str, Any]) -> Any:
    body = orjson.dumps({"parameters": parameters, "time_s": 20})
    return client.post(f"/v1/calculations/{name}", content=body)
