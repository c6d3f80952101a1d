"""Whatever is appended, mended, read and forgotten: the numbers have no hole."""

import json
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from db.backplane import Backplane
from db.contracts.errors import LeaseLostError
from db.contracts.event import EventDraft, EventType
from db.contracts.identifier import new_id
from db.contracts.job_state import JobState
from db.repositories import attempts
from db.repositories.attempts import Claim
from db.stream import Entry
from tests.sample_jobs import finish, milestones, submit, try_claim

STEPS = st.lists(
    st.sampled_from(
        ["claim", "give back", "finish", "stream", "stale", "publish", "mend", "flush"]
    ),
    max_size=25,
)


class Log:
    """A job, the attempts that were made, and what its log was seen to hold."""

    def __init__(self, backplane: Backplane, redis: Redis) -> None:
        self.backplane = backplane
        self.redis = redis
        self.job_id = submit(backplane.database)
        self.claims: list[Claim] = []
        self.streamed: list[str] = []

    def do(self, step: str) -> None:
        {
            "claim": self.claim,
            "give back": self.give_back,
            "finish": self.finish,
            "stream": lambda: self.stream(self.claims[-1:]),
            "stale": lambda: self.stream(self.claims[:-1]),
            "publish": self.publish,
            "mend": lambda: self.backplane.log.mend([self.job_id]),
            "flush": self.flush,
        }[step]()

    def claim(self) -> None:
        claimed = try_claim(self.backplane.database, self.job_id)
        if claimed is not None:
            self.claims.append(claimed)

    def give_back(self) -> None:
        if not self.claims:
            return
        with (
            suppress(LeaseLostError),
            self.backplane.database.transaction() as connection,
        ):
            attempts.give_back(
                connection,
                self.job_id,
                attempt=self.claims[-1].attempt,
                reason="worker goes",
            )

    def finish(self) -> None:
        if not self.claims:
            return
        with suppress(LeaseLostError):
            finish(self.backplane.database, self.claims[-1], JobState.FAILED)

    def stream(self, chosen: list[Claim]) -> None:
        for claimed in chosen[:1]:
            name = new_id("evt")
            draft = EventDraft(
                id=name,
                type=EventType.JOB_PROGRESS,
                job_id=self.job_id,
                time=time.time(),
                attempt=claimed.attempt,
                data="{}",
            )
            entry = Entry(draft, fence=claimed.attempt, needs=claimed.started.ordinal)
            try:
                self.backplane.log.append([entry])
            except LeaseLostError:
                continue
            self.streamed.append(name)

    def publish(self) -> None:
        self.backplane.log.publish(
            milestones(self.backplane.database, self.job_id)[-1:]
        )

    def flush(self) -> None:
        self.redis.flushall()
        self.streamed.clear()

    def check(self) -> None:
        self.backplane.log.mend([self.job_id])
        page = self.backplane.log.read(self.job_id)
        bodies = [json.loads(event.body) for event in page.events]
        assert [int(body["sequence"]) for body in bodies] == list(
            range(1, len(bodies) + 1)
        )
        assert {body["epoch"] for body in bodies} == {page.epoch}
        names = [body["id"] for body in bodies]
        assert len(names) == len(set(names))
        recorded = milestones(self.backplane.database, self.job_id)
        expected = [milestone.draft.id for milestone in recorded]
        assert [name for name in names if name in set(expected)] == expected
        assert set(names) - set(expected) <= set(self.streamed)
        ends = [event.type.is_terminal for event in page.events]
        assert not any(ends[:-1])
        assert page.ended == ends[-1]


@pytest.fixture
def parts(sqlite_backplane: Backplane, redis: Redis) -> tuple[Backplane, Redis]:
    return sqlite_backplane, redis


@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_the_log_never_has_a_hole(
    parts: tuple[Backplane, Redis], steps: list[str]
) -> None:
    log = Log(*parts)
    for step in steps:
        log.do(step)
    log.check()
