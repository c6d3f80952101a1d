"""The disk is full: nothing new is accepted, nothing recorded is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.engine import Database

JOB: dict[str, Any] = {"instance": {"name": "nug12"}, "cache": False}
MORE_PAGES = 30
"""Room for some jobs yet."""


@contextmanager
def full_soon(database: Database) -> Iterator[None]:
    """Let SQLite find no more room than a few pages, as on a small disk."""
    with database.reading() as connection:
        used = connection.execute(text("pragma page_count")).scalar_one()

    def bound(connection: Any, _: object) -> None:
        connection.execute(f"pragma max_page_count = {used + MORE_PAGES}")

    database.engine.dispose()
    event.listen(database.engine, "connect", bound)
    try:
        yield
    finally:
        event.remove(database.engine, "connect", bound)
        database.engine.dispose()


def listed(client: TestClient) -> set[str]:
    found: set[str] = set()
    after: dict[str, str] = {}
    while True:
        page = client.get("/v1/jobs", params={"limit": 200, **after}).json()
        found |= {job["id"] for job in page["items"]}
        if not page["next"]:
            return found
        after = {"after": page["next"]}


def test_a_full_disk_refuses_jobs_and_loses_none(
    client: TestClient, app_backplane: Backplane
) -> None:
    accepted = {client.post("/v1/jobs", json=JOB).json()["id"]}
    with full_soon(app_backplane.database):
        answers = []
        while not answers or answers[-1].status_code == 202:
            assert len(answers) < 2000
            answers.append(client.post("/v1/jobs", json=JOB))
        refused = answers.pop()
        accepted |= {answer.json()["id"] for answer in answers}
        assert refused.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert int(refused.headers["retry-after"]) >= 1
        # What is there can be read meanwhile.
        assert listed(client) == accepted
    again = client.post("/v1/jobs", json=JOB)
    assert again.status_code == 202
    assert listed(client) == accepted | {again.json()["id"]}
    with app_backplane.database.reading() as connection:
        assert connection.execute(text("pragma integrity_check")).scalar_one() == "ok"
