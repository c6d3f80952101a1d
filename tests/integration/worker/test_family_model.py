"""Whatever happens in whatever order, a family comes to one end, and a right one.

A state machine of hypothesis plays a caller who cancels, a worker, an event server that
forgets, workers that die in the middle of leading on, and a reconciler.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from redis import Redis

from db.backplane import Backplane
from db.contracts.event import TERMINAL, Counts, EventType
from db.contracts.job_state import JobState
from db.contracts.kinds.batch import BatchResult
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from db.reconciler import Reconciler
from db.repositories import families, jobs
from tests import sample_jobs
from tests.integration.worker.test_families import batch, begin, set_waiting_long
from tests.one_worker import OneWorker
from worker.coordination import lead_on

STEPS = ("_tell", "_finish", "tell_progress")
"""Where a process may die while it leads on: after a commit, before telling."""


class Died(BaseException):
    """Nothing of the program catches it, as nothing catches a kill."""


@contextmanager
def dying_at(step: str) -> Iterator[None]:
    with suppress(Died), mock.patch(f"worker.coordination.{step}", side_effect=Died):
        yield


class FamilyLife(RuleBasedStateMachine):
    """One batch, and all that may befall it."""

    migrated: Path
    valkey: EmbeddedValkey

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="solvequeue-family-"))
        path = self.directory / "model.db"
        shutil.copy(self.migrated, path)
        self.redis = Redis.from_url(self.valkey.redis_url)
        self.redis.flushall()
        self.backplane = Backplane.open(
            Settings(
                home=self.directory,
                host="here",
                database_url=f"sqlite:///{path}",
                redis_url=self.valkey.redis_url,
                cache_seconds=0.0,
            )
        )

    @initialize(count=st.integers(1, 7), fan_out=st.integers(1, 4))
    def submit(self, count: int, fan_out: int) -> None:
        self.count, self.fan_out = count, fan_out
        self.parent = begin(self.backplane, batch(count, fan_out=fan_out))
        self.worker = OneWorker(self.backplane)
        self.is_cancelled = False
        self.ended: dict[str, tuple[str, str | None]] = {}

    @rule(messages=st.integers(1, 4))
    def work(self, messages: int) -> None:
        for _ in range(messages):
            self.worker.step()

    @rule(step=st.sampled_from(STEPS))
    def work_and_die(self, step: str) -> None:
        with dying_at(step):
            self.worker.step()

    @rule(step=st.sampled_from(STEPS))
    def lead_on_and_die(self, step: str) -> None:
        with dying_at(step):
            lead_on(self.backplane, self.parent)

    @rule()
    def lead_on_needlessly(self) -> None:
        lead_on(self.backplane, self.parent)

    @rule()
    def forget_everything_in_redis(self) -> None:
        self.redis.flushall()

    @rule()
    def cancel(self) -> None:
        if sample_jobs.row(self.backplane.database, self.parent).state in (
            JobState.SUCCEEDED,
        ):
            return
        with self.backplane.database.transaction() as connection:
            jobs.request_cancel(connection, self.parent)
        self.is_cancelled = True

    @rule()
    def reconcile(self) -> None:
        for turn in self.redis.keys("solvequeue:turn:*"):
            self.redis.delete(turn)
        set_waiting_long(self.backplane, self.parent)
        Reconciler(self.backplane).reconcile_all()

    def counts(self) -> Counts:
        with self.backplane.database.reading() as connection:
            return families.count_children(connection, self.parent, total=self.count)

    @invariant()
    def no_more_are_open_than_may_be(self) -> None:
        counts = self.counts()
        assert counts.queued + counts.running <= self.fan_out

    @invariant()
    def every_child_is_counted_once(self) -> None:
        counts = self.counts()
        states = counts.model_dump(exclude={"total"}).values()
        assert sum(states) == counts.total == self.count

    @invariant()
    def what_has_ended_never_changes(self) -> None:
        with self.backplane.database.reading() as connection:
            for child in families.all_ended_children(connection, self.parent):
                seen = (child.state.value, child.result)
                assert self.ended.setdefault(child.id, seen) == seen

    @invariant()
    def the_parent_ends_last_and_once(self) -> None:
        row = sample_jobs.row(self.backplane.database, self.parent)
        told = [
            type_
            for type_ in sample_jobs.types(self.backplane.database, self.parent)
            if EventType(type_) in TERMINAL
        ]
        assert len(told) == JobState(row.state).is_final
        if row.state == JobState.SUCCEEDED:
            assert self.counts().ended == self.count
        if row.result is not None:
            result = BatchResult.model_validate_json(row.result)
            assert result.counts == self.counts()

    def teardown(self) -> None:
        if hasattr(self, "parent"):
            self._come_to_the_end()
        self.backplane.close()
        self.redis.close()
        shutil.rmtree(self.directory)

    def _come_to_the_end(self) -> None:
        for _ in range(20):
            self.worker.work()
            row = sample_jobs.row(self.backplane.database, self.parent)
            if JobState(row.state).is_final:
                break
            self.reconcile()
        wanted = JobState.CANCELLED if self.is_cancelled else JobState.SUCCEEDED
        assert row.state == wanted
        self.the_parent_ends_last_and_once()
        # Whoever ended it may have died before telling.
        self.reconcile()
        log = self.backplane.log.read(self.parent)
        assert [event.sequence for event in log.events] == list(
            range(1, len(log.events) + 1)
        )
        assert log.events[-1].type in TERMINAL


@pytest.fixture
def machine(sqlite_url: str, valkey: EmbeddedValkey) -> type[FamilyLife]:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    return type("Machine", (FamilyLife,), {"migrated": path, "valkey": valkey})


def test_a_family_comes_to_one_right_end(machine: type[FamilyLife]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
