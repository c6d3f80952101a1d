"""What a handler hears when it asks whether it must stop."""

import time
from dataclasses import replace

import numpy as np
import pytest

from db.backplane import Backplane
from db.contracts.errors import NotFoundError
from db.contracts.termination import Termination
from db.instance_codec import Matrices
from db.repositories import instances
from db.repositories.attempts import Claim
from tests.sample_jobs import CHECKPOINT, claim_new
from worker import shutdown
from worker.context import Context
from worker.lease import Lease
from worker.progress import ProgressPublisher


@pytest.fixture
def claimed(sqlite_backplane: Backplane) -> Claim:
    return claim_new(sqlite_backplane.database)


def context(backplane: Backplane, claimed: Claim, *, silence: float = 0.0) -> Context:
    return Context(
        backplane,
        claimed,
        lease=Lease(backplane, claimed, asked_at=time.monotonic() - silence),
        publisher=ProgressPublisher(backplane.log, claimed, write_first=lambda: True),
        start=CHECKPOINT,
    )


def test_without_a_reason_the_run_goes_on(
    sqlite_backplane: Backplane, claimed: Claim
) -> None:
    made = context(sqlite_backplane, claimed)
    assert made.why_stop() is None
    assert (made.attempt, made.start) == (1, CHECKPOINT)


def test_a_lost_lease_interrupts(sqlite_backplane: Backplane, claimed: Claim) -> None:
    made = context(sqlite_backplane, claimed, silence=1000.0)
    assert made.why_stop() is Termination.INTERRUPTED


def test_the_callers_wish_cancels(sqlite_backplane: Backplane, claimed: Claim) -> None:
    made = context(sqlite_backplane, replace(claimed, cancel_requested=True))
    assert made.why_stop() is Termination.CANCELLED


@pytest.mark.parametrize(
    ("seconds", "expected"), [(-1.0, Termination.DEADLINE), (3600.0, None)]
)
def test_the_deadline_is_counted_by_the_databases_clock(
    sqlite_backplane: Backplane,
    claimed: Claim,
    seconds: float,
    expected: Termination | None,
) -> None:
    due = replace(claimed, deadline_at=claimed.claimed_at + seconds)
    assert context(sqlite_backplane, due).why_stop() is expected


@pytest.mark.parametrize(
    ("share", "expected"), [(0.4, None), (0.6, Termination.INTERRUPTED)]
)
def test_a_worker_that_goes_lets_short_runs_end_first(
    sqlite_backplane: Backplane,
    claimed: Claim,
    monkeypatch: pytest.MonkeyPatch,
    share: float,
    expected: Termination | None,
) -> None:
    going_for = sqlite_backplane.settings.shutdown_seconds * share
    monkeypatch.setattr(shutdown, "announced_for", lambda: going_for)
    assert context(sqlite_backplane, claimed).why_stop() is expected


def test_cancelling_comes_before_going_away(
    sqlite_backplane: Backplane, claimed: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given back, the caller would wait for another worker only to be cancelled.
    monkeypatch.setattr(shutdown, "announced_for", lambda: 3600.0)
    made = context(sqlite_backplane, replace(claimed, cancel_requested=True))
    assert made.why_stop() is Termination.CANCELLED


def test_a_stored_instance_is_loaded(
    sqlite_backplane: Backplane, claimed: Claim
) -> None:
    ones = np.ones((2, 2), np.int64)
    with sqlite_backplane.database.transaction() as connection:
        digest = instances.put_instance(
            connection, instances.pack(Matrices(ones, ones), name=None)
        )
    made = context(sqlite_backplane, claimed)
    np.testing.assert_array_equal(made.load_matrices(digest).flow, ones)
    with pytest.raises(NotFoundError):
        made.load_matrices("0" * 64)
