"""Processes write one JSON object a line, and no secret that they were given."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.api_processes import ROOT, ApiProcess, api_processes
from tests.waiting import wait_until

PLANTED = "hunter2"
KEY = f"sq_ab2345cd_{PLANTED}{PLANTED}{PLANTED}"
TOKEN = f"eyJhbGciOiJIUzI1NiJ9.{PLANTED}.{PLANTED}"
NOBODY = f"redis://user:{PLANTED}@127.0.0.1:1/0"
START_SECONDS = 120.0


@pytest.fixture
def environment(tmp_path: Path, sqlite_url: str) -> dict[str, str]:
    """Return settings with secrets in them, of which some must fail."""
    return {
        "SOLVEQUEUE_HOME": str(tmp_path / "home"),
        "DATABASE_URL": sqlite_url,
        "REDIS_URL": NOBODY,
        "SOLVEQUEUE_FLOWER_PASSWORD": PLANTED,
        "SOLVEQUEUE_MARKET_PROVIDER_URL": f"https://rates.example/?key={PLANTED}",
        "SOLVEQUEUE_MARKET_PROVIDER_TOKEN": PLANTED,
        "SOLVEQUEUE_MARKET_PROVIDER_POINTERS": "tech_index=/index",
        "SOLVEQUEUE_LOG_LEVEL": "DEBUG",
    }


def lines_of(log: Path) -> list[dict[str, Any]]:
    """Return what was written, each line of which must be an object."""
    text = log.read_text()
    assert PLANTED not in text
    return [json.loads(line) for line in text.splitlines()]


def requests_in(log: Path) -> list[dict[str, Any]]:
    return [line for line in lines_of(log) if line.get("action") == "request"]


def test_an_api_writes_lines_and_no_secret(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    with api_processes(1, environment, tmp_path) as (api,):
        send_secrets(api)
        wait_until(lambda: len(requests_in(api.log)) >= 5)
        told = requests_in(api.log)
    # Its end is in the same words.
    lines_of(api.log)
    accepted = next(line for line in told if line["route"] == "/v1/jobs")
    assert (accepted["method"], accepted["status"]) == ("POST", 202)
    assert accepted["request_id"] == "mine"
    assert accepted["job_id"].startswith("job_")
    assert accepted["caller"] == "127.0.0.1"
    assert accepted["duration_ms"] > 0
    assert "/healthz" not in {line["route"] for line in told}


def send_secrets(api: ApiProcess) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "X-Request-ID": "mine"}
    job = {
        "instance": {"name": "nug12"},
        "webhook_url": "https://example.com/hook",
        "webhook_secret": "whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==",
    }
    assert api.client.post("/v1/jobs", json=job, headers=headers).status_code == 202
    url = {**job, "webhook_url": f"https://user:{PLANTED}@example.com/hook"}
    assert api.client.post("/v1/jobs", json=url).status_code == 422
    api.client.get("/v1/jobs", headers={"Authorization": f"Bearer {TOKEN}"})
    api.client.get("/v1/jobs", params={"api_key": PLANTED, "access_token": TOKEN})
    api.client.get(f"/nowhere/{PLANTED}", headers={"Cookie": f"session={PLANTED}"})
    api.client.get("/readyz")
    assert "aHVudGVyMm" not in api.log.read_text()


@contextmanager
def celery(
    arguments: list[str], log: Path, environment: dict[str, str]
) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "--quiet", "--app=worker.app", *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=output,
            stderr=output,
        )
    try:
        yield
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    "arguments",
    [
        ["worker", "--queues=webhooks,schedules", "--pool=threads", "--concurrency=1"],
        ["beat"],
    ],
    ids=["worker", "beat"],
)
def test_a_celery_process_writes_lines_and_no_secret(
    tmp_path: Path, environment: dict[str, str], arguments: list[str]
) -> None:
    log = tmp_path / "celery.log"
    (tmp_path / "home").mkdir()
    with celery([*arguments, "--loglevel=DEBUG"], log, environment):
        # It cannot reach its broker, and says where it has tried.
        wait_until(lambda: "127.0.0.1:1" in log.read_text(), seconds=START_SECONDS)
    whole = log.read_text().rpartition("\n")[0]
    log.write_text(whole)
    assert lines_of(log)
