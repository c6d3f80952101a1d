"""Whoever does what in whatever order: a job keeps to its life cycle.

A state machine of hypothesis plays callers, workers that hold on to stale attempts,
and a reconciler. A plain model in memory says what each of them must be told.
"""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from db.contracts.errors import JobFinishedError, LeaseLostError
from db.contracts.event import JobEnded
from db.contracts.job_state import FINAL_STATES, TRANSITIONS, JobState
from db.contracts.settings import Settings
from db.engine import Database
from db.repositories import attempts, jobs, rescues
from db.repositories.attempts import Claim
from tests.sample_jobs import (
    end_lease,
    make_due,
    milestones,
    row,
    set_row,
    submit,
    try_claim,
)

MAX_LOSSES = 3
ENDS = [JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED]
TOKENS = st.integers(min_value=0, max_value=9)


class LifeCycle(RuleBasedStateMachine):
    """One job, all the attempts that ever claimed it, and the model of its row."""

    migrated: Path

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="solvequeue-model-"))
        path = self.directory / "model.db"
        shutil.copy(self.migrated, path)
        self.database = Database(Settings(database_url=f"sqlite:///{path}"))

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.directory)

    @initialize(deadline=st.booleans())
    def submit(self, deadline: bool) -> None:
        self.job_id = submit(self.database, deadline_s=60.0 if deadline else None)
        self.claims: list[Claim] = []
        self.state = JobState.QUEUED
        self.attempt = 0
        self.losses = 0
        self.milestones = 1
        self.is_waiting = False
        self.is_overdue = False
        self.has_deadline = deadline
        self.frozen: dict[str, object] | None = None

    def owns(self, token: int) -> Claim | None:
        """Return one of the attempts so far, perhaps a stale one."""
        return self.claims[token % len(self.claims)] if self.claims else None

    def is_owner(self, claimed: Claim) -> bool:
        return self.state == JobState.RUNNING and claimed.attempt == self.attempt

    def move(self, state: JobState, *, milestones: int = 1) -> None:
        assert state in TRANSITIONS[self.state]
        self.state = state
        self.milestones += milestones

    @rule()
    def claim(self) -> None:
        claimed = try_claim(self.database, self.job_id)
        may_start = self.attempt > 0 or not self.is_overdue
        if self.state == JobState.QUEUED and not self.is_waiting and may_start:
            assert claimed is not None
            assert claimed.attempt == self.attempt + 1
            self.attempt += 1
            self.claims.append(claimed)
            self.move(JobState.RUNNING)
        else:
            assert claimed is None

    @rule(token=TOKENS)
    def renew(self, token: int) -> None:
        claimed = self.owns(token)
        if claimed is None:
            return
        lost = not self.is_owner(claimed)
        try:
            with self.database.transaction() as connection:
                attempts.renew(
                    connection, self.job_id, attempt=claimed.attempt, lease_seconds=15.0
                )
        except LeaseLostError:
            assert lost
        else:
            assert not lost

    @rule(token=TOKENS, end=st.sampled_from(ENDS))
    def finish(self, token: int, end: JobState) -> None:
        claimed = self.owns(token)
        if claimed is None:
            return
        try:
            with self.database.transaction() as connection:
                attempts.finish(
                    connection,
                    self.job_id,
                    attempt=claimed.attempt,
                    state=end,
                    payload=JobEnded(attempt=claimed.attempt),
                )
        except LeaseLostError:
            assert not self.is_owner(claimed)
        else:
            assert self.is_owner(claimed)
            self.move(end)

    @rule(token=TOKENS, waits=st.booleans())
    def give_back(self, token: int, waits: bool) -> None:
        claimed = self.owns(token)
        if claimed is None:
            return
        try:
            with self.database.transaction() as connection:
                attempts.give_back(
                    connection,
                    self.job_id,
                    attempt=claimed.attempt,
                    reason="model",
                    delay_seconds=3600.0 if waits else 0.0,
                )
        except LeaseLostError:
            assert not self.is_owner(claimed)
        else:
            assert self.is_owner(claimed)
            self.move(JobState.QUEUED)
            self.is_waiting = waits

    @rule()
    def let_the_wait_end(self) -> None:
        if self.state == JobState.QUEUED:
            set_row(self.database, self.job_id, available_at=1.0)
            self.is_waiting = False

    @rule()
    def let_the_deadline_come(self) -> None:
        if self.has_deadline and not self.state.is_final:
            make_due(self.database, self.job_id)
            self.is_overdue = True

    @rule(expired=st.booleans())
    def rescue(self, expired: bool) -> None:
        if expired and self.state == JobState.RUNNING:
            end_lease(self.database, self.job_id)
        with self.database.transaction() as connection:
            released = [
                rescues.take_from_lost_attempt(
                    connection, lost, reason="model", max_losses=MAX_LOSSES
                )
                for lost in rescues.running_jobs(connection)
                if lost.is_expired
            ]
        if expired and self.state == JobState.RUNNING:
            (taken,) = released
            assert taken is not None
            self.losses += 1
            self.move(JobState.QUEUED)
            self.is_waiting = False
            if taken.ended:
                assert self.losses >= MAX_LOSSES
                self.move(JobState.FAILED)
        else:
            assert released == []

    @rule()
    def expire(self) -> None:
        with self.database.transaction() as connection:
            ending = rescues.expire_unstarted(connection, self.job_id)
        unstarted = self.state == JobState.QUEUED and self.attempt == 0
        assert (ending is not None) == (unstarted and self.is_overdue)
        if ending is not None:
            self.move(JobState.EXPIRED)

    @rule()
    def cancel(self) -> None:
        is_refused = self.state in set(FINAL_STATES) - {JobState.CANCELLED}
        with suppress(JobFinishedError):
            with self.database.transaction() as connection:
                ending = jobs.request_cancel(connection, self.job_id)
            assert not is_refused
            assert (ending is not None) == (self.state == JobState.QUEUED)
            if ending is not None:
                self.move(JobState.CANCELLED)

    @invariant()
    def the_row_is_what_the_model_says(self) -> None:
        job = row(self.database, self.job_id)
        assert job.state == self.state
        assert job.attempt == self.attempt
        assert job.losses == self.losses
        assert job.milestones == self.milestones
        assert (job.finished_at is not None) == self.state.is_final
        assert (job.lease_owner is not None) == (self.state == JobState.RUNNING)

    @invariant()
    def every_milestone_is_a_row_and_the_terminal_one_is_the_last(self) -> None:
        told = milestones(self.database, self.job_id)
        assert [one.ordinal for one in told] == list(range(1, self.milestones + 1))
        ends = [one.draft.type.is_terminal for one in told]
        assert not any(ends[:-1])
        assert ends[-1] == self.state.is_final

    @invariant()
    def nothing_is_written_after_the_end(self) -> None:
        if not self.state.is_final:
            return
        job = row(self.database, self.job_id)
        values = {c.key: getattr(job, c.key) for c in type(job).__mapper__.column_attrs}
        self.frozen = self.frozen or values
        assert values == self.frozen


def test_a_job_keeps_to_its_life_cycle(
    migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LifeCycle, "migrated", migrated_sqlite, raising=False)
    run_state_machine_as_test(
        LifeCycle,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            # Making a failure shorter takes minutes; thirty steps can be read.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
