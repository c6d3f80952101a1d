"""A service that was destroyed goes on from its backup, as if it had only slept."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from db.backup import Manifest, back_up
from db.contracts.job_state import JobState
from tests.acceptance.conftest import ROOT, OpenService, Service
from tests.waiting import wait_until

COMMAND = [sys.executable, "-c", "from api.cli import main; main()", "database"]
QUICK = {"iterations": 1000}
INSTANCES = ("nug12", "chr12a", "esc16a")


class Told:
    """What a service tells of its jobs over HTTP."""

    def __init__(self, url: str) -> None:
        self._url = url

    def of(self, job_id: str) -> dict[str, Any]:
        """Return the job with its certificate, its log to the byte, and deliveries."""
        path = f"{self._url}/v1/jobs/{job_id}"
        items = httpx2.get(f"{path}/deliveries").json()["items"]
        events = httpx2.get(f"{path}/events", params={"limit": 500}).json()
        return {
            "job": httpx2.get(path).json(),
            "events": events["items"],
            "deliveries": [
                {name: each[name] for name in ("id", "state", "attempts")}
                for each in items
            ],
        }

    def verify(self, certificate: dict[str, Any]) -> bool:
        answer = httpx2.post(
            f"{self._url}/v1/verify", json={"certificate": certificate}
        )
        return bool(answer.json()["valid"])


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest) -> Any:
    """Return what makes the URL of another, empty database."""
    if request.param == "sqlite":
        return lambda: ""
    return request.getfixturevalue("postgresql").create_database


def test_what_had_ended_is_there_and_what_ran_goes_on(
    open_service: OpenService, httpserver: HTTPServer, tmp_path: Path, new_url: Any
) -> None:
    httpserver.expect_request("/hook").respond_with_data(status=204)
    is_deaf = [True]
    httpserver.expect_request("/deaf").respond_with_handler(
        lambda _: Response(status=500 if is_deaf[0] else 204)
    )
    service = open_service(database_url=new_url())
    ended = [
        service.client.submit_solve(
            name, limits=QUICK, webhook_url=httpserver.url_for("/hook")
        ).id
        for name in INSTANCES
    ]
    owed = service.client.submit_solve(
        "nug14", limits=QUICK, webhook_url=httpserver.url_for("/deaf")
    ).id
    for job_id in (*ended, owed):
        service.wait_for(job_id, lambda seen: seen.state is JobState.SUCCEEDED)
    told = Told(service.stack.api_url)
    wait_until(
        lambda: all(
            told.of(job)["deliveries"][0]["attempts"] for job in (*ended, owed)
        ),
        seconds=60,
    )
    running = [
        service.client.submit_solve("tai100a", limits={"time_s": 12.0}, seed=seed).id
        for seed in (1, 2)
    ]
    waiting = service.client.submit_solve("nug12", limits={"iterations": 1001}).id
    for job_id in running:
        service.wait_for(
            job_id,
            lambda seen: seen.progress is not None and seen.progress.elapsed_s > 3,
        )

    file = tmp_path / "backup"
    made: list[Manifest] = []

    def is_archived() -> bool:
        made[:] = [back_up(service.stack.settings, file)]
        return made[0].tables["event_log"].rows >= len((*ended, owed))

    wait_until(is_archived, seconds=30)
    before = {job_id: told.of(job_id) for job_id in ended}
    owed_before = told.of(owed)["deliveries"][0]
    service.stack.kill()
    service.stack.stop()
    shutil.rmtree(service.stack.settings.home)

    url = new_url()
    is_deaf[0] = False
    _command("restore", file, home=service.stack.settings.home, url=url)
    again = open_service(database_url=url)
    _check(again, before)
    told = Told(again.stack.api_url)
    wait_until(
        lambda: told.of(owed)["deliveries"][0]["state"] == "delivered", seconds=60
    )
    delivered = told.of(owed)["deliveries"][0]
    assert delivered["id"] == owed_before["id"]
    assert len(delivered["attempts"]) > len(owed_before["attempts"]) - 1
    for job_id in (*running, waiting):
        job = again.wait_for(job_id, lambda seen: seen.state.is_final)
        assert job.state is JobState.SUCCEEDED
        assert job.attempt == (1 if job_id == waiting else 2)
        again.log_of(job_id)


def _command(word: str, file: Path, *, home: Path, url: str) -> None:
    environment = {
        **os.environ,
        "SOLVEQUEUE_HOME": str(home),
        "DATABASE_URL": url,
        "PYTHONPATH": str(ROOT),
    }
    subprocess.run([*COMMAND, word, str(file)], env=environment, check=True)


def _check(service: Service, before: dict[str, dict[str, Any]]) -> None:
    told = Told(service.stack.api_url)
    for job_id, then in before.items():
        assert told.of(job_id) == then
        assert told.verify(then["job"]["result"]["certificate"])
