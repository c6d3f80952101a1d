"""Puts right what a fault left behind. Any process may run it; twice is harmless.

It runs in every API and worker parent, and beat starts it as the schedule ``rescue``:
no single process' death stops it.
"""

import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence

from db import owner
from db.announcement import hint_deliveries, tell, tell_notices
from db.backplane import Backplane
from db.broker import Hint
from db.contracts.errors import UnavailableError
from db.contracts.job_kind import Queue
from db.contracts.kinds import KINDS
from db.repositories import (
    claims,
    endpoints,
    equal_work,
    families,
    logs,
    notices,
    rescues,
)
from db.repositories.attempts import Released
from db.repositories.rescues import QueuedJob
from db.settlement import settle

logger = logging.getLogger(__name__)

BATCH = 200
MAX_AUDITED = 10_000
PATIENCE_SECONDS = 2.0
"""A job that waits no longer than this is not looked for: its hint is on the way."""
LEAD_SECONDS = 3.0
"""A hint to lead a family on is not repeated sooner."""
TURN_SHARE = 0.8
"""Of the period: the next pass comes in time, whoever makes it."""


class Reconciler:
    """Compares what is recorded with what is under way."""

    def __init__(self, backplane: Backplane) -> None:
        self._backplane = backplane
        self._settings = backplane.settings
        self._server_run_id = ""

    def reconcile(self) -> None:
        """Do what is cheap enough for every second, unless another process just did."""
        if self._is_turn("reconcile", self._settings.reconcile_seconds):
            self._reconcile()

    def reconcile_all(self) -> None:
        """Do every check there is, whoever did what when."""
        self._check()
        self.audit()

    def _reconcile(self) -> None:
        self._check()
        if self._is_server_new():
            # What was on the way to the old one is lost.
            self._audit(patience=0.0)

    def _check(self) -> None:
        self._rescue_lost_attempts()
        self._expire_unstarted()
        self._settle_equal_work()
        self._lead_families_on()
        self._hint_deliveries()
        self._tell_notices()
        self._archive_logs()

    def audit(self) -> None:
        """Compare every waiting job with the broker, and every log with its outbox."""
        self._audit(patience=PATIENCE_SECONDS)

    def audit_in_turn(self) -> None:
        """Audit, unless another process of this host just did: it reads everything."""
        if self._is_turn("audit", self._settings.audit_seconds):
            self.audit()

    def _audit(self, *, patience: float) -> None:
        # In this order: a job that a worker takes in between is not queued any more.
        pending = self._backplane.broker.pending()
        with self._backplane.database.reading() as connection:
            unended = logs.unended(connection, limit=MAX_AUDITED)
        self._mend_logs(unended)
        self._send_lacking(pending, patience)

    def send_hints(self) -> None:
        """Send the messages that waiting jobs lack, however short they have waited."""
        self._send_lacking(self._backplane.broker.pending(), 0.0)

    def _send_lacking(
        self, pending: Mapping[str, Sequence[str]], patience: float
    ) -> None:
        with self._backplane.database.reading() as connection:
            queued = rescues.queued_jobs(
                connection, waited_seconds=patience, limit=MAX_AUDITED
            )
        self._backplane.broker.send_all(
            [
                Hint(KINDS[job.kind].task, job.id, job.queue)
                for job in _without_a_turn(queued, pending)
            ]
        )

    def _is_turn(self, what: str, period_seconds: float) -> bool:
        # Each host has turns of its own: only it can see that its processes are dead.
        turn = f"{what}:{owner.place(self._settings.host)}"
        try:
            return self._backplane.stream.take_turn(turn, period_seconds * TURN_SHARE)
        except UnavailableError:
            # Nobody can agree on turns now, and doing it twice is harmless.
            return True

    def _rescue_lost_attempts(self) -> None:
        with self._backplane.database.reading() as connection:
            running = rescues.running_jobs(connection)
        for job in running:
            dead = owner.is_known_dead(job.owner, self._settings.host)
            if not (dead or job.is_expired):
                continue
            with self._backplane.database.transaction() as connection:
                released = rescues.take_from_lost_attempt(
                    connection,
                    job,
                    reason="worker died" if dead else "lease ran out",
                    max_losses=self._settings.max_losses,
                )
            if released is not None:
                self._tell(released)

    def _expire_unstarted(self) -> None:
        with self._backplane.database.reading() as connection:
            overdue = rescues.overdue_unstarted(connection, limit=BATCH)
        for job_id in overdue:
            with self._backplane.database.transaction() as connection:
                ending = rescues.expire_unstarted(connection, job_id)
            if ending is not None:
                tell(self._backplane, [ending])

    def _settle_equal_work(self) -> None:
        with self._backplane.database.reading() as connection:
            ended = equal_work.leaderless(connection, limit=BATCH)
        for leader_id in ended:
            settle(self._backplane, leader_id)

    def _lead_families_on(self) -> None:
        with self._backplane.database.reading() as connection:
            waiting = families.needing_a_lead(connection, limit=BATCH)
        self._backplane.broker.send_all(
            [
                Hint(KINDS[kind].task, job_id, Queue.SCHEDULES)
                for job_id, kind in waiting
                if self._backplane.stream.take_turn(f"lead:{job_id}", LEAD_SECONDS)
            ]
        )

    def _hint_deliveries(self) -> None:
        with self._backplane.database.reading() as connection:
            due_at_all = claims.has_due(connection)
            held = endpoints.holding_needlessly(connection)
        for endpoint_id in held:
            with self._backplane.database.transaction() as connection:
                endpoints.release(connection, endpoint_id)
        if not due_at_all:
            return
        with self._backplane.database.transaction() as connection:
            due = claims.hint_due(
                connection, limit=BATCH, share=self._settings.webhook_share
            )
        hint_deliveries(self._backplane.broker, due)

    def _tell_notices(self) -> None:
        with self._backplane.database.reading() as connection:
            # What is younger is being told by whoever wrote it down.
            untold = notices.untold(
                connection, limit=BATCH, waited_seconds=PATIENCE_SECONDS
            )
        tell_notices(self._backplane, untold)

    def _archive_logs(self) -> None:
        with self._backplane.database.reading() as connection:
            ended = logs.unarchived(connection, limit=BATCH)
        if not ended:
            return
        self._backplane.log.archive([job_id for job_id, _ in ended])

    def _mend_logs(self, expected: list[tuple[str, int]]) -> None:
        for start in range(0, len(expected), BATCH):
            batch = expected[start : start + BATCH]
            positions = self._backplane.stream.positions([job for job, _ in batch])
            behind = [
                job
                for (job, milestones), position in zip(batch, positions, strict=True)
                if position.milestones < milestones
            ]
            if behind:
                self._backplane.log.mend(behind)

    def _is_server_new(self) -> bool:
        run_id = self._backplane.stream.server_run_id()
        changed = run_id != self._server_run_id
        self._server_run_id = run_id
        return changed

    def _tell(self, released: Released) -> None:
        logger.warning(
            "attempt lost",
            extra={
                "action": "attempt_lost",
                "job_id": released.job_id,
                "ended": released.ended,
            },
        )
        task = KINDS[released.kind].task
        hints = [] if released.ended else [Hint(task, released.job_id, released.queue)]
        tell(self._backplane, released.milestones, hints=hints)


def _without_a_turn(
    queued: Sequence[QueuedJob], pending: Mapping[str, Sequence[str]]
) -> list[QueuedJob]:
    """Return waiting jobs for which messages are missing in their queue.

    A message is a turn, whoever takes it: what counts is how many there are.
    """
    lacking = []
    for queue, ids in pending.items():
        waiting = [job for job in queued if job.queue == queue]
        missing = len(waiting) - len(ids)
        if missing > 0:
            known = set(ids)
            overdue = [job for job in waiting if job.has_waited]
            lacking += sorted(overdue, key=lambda job: job.id in known)[:missing]
    return lacking


class ReconcilerThread:
    """Runs the reconciler beside a process' main work."""

    def __init__(self, open_backplane: Callable[[], Backplane]) -> None:
        self._open = open_backplane
        self._stopped = threading.Event()
        self._at_work = threading.Lock()
        self._thread = threading.Thread(
            target=self._run, name="reconciler", daemon=True
        )
        # A fork in the middle of a pass would copy held locks into the child.
        os.register_at_fork(
            before=self._at_work.acquire,
            after_in_parent=self._at_work.release,
            after_in_child=self._at_work.release,
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        with self._at_work:
            backplane = self._open()
        reconciler = Reconciler(backplane)
        settings = backplane.settings
        passes_per_audit = max(
            1, round(settings.audit_seconds / settings.reconcile_seconds)
        )
        count = 0
        while not self._stopped.wait(settings.reconcile_seconds):
            count += 1
            with self._at_work:
                self._pass(reconciler, audit=count % passes_per_audit == 0)
        with self._at_work:
            backplane.close()

    def _pass(self, reconciler: Reconciler, *, audit: bool) -> None:
        try:
            reconciler.reconcile()
            if audit:
                reconciler.audit_in_turn()
        except UnavailableError as error:
            logger.warning(
                "cannot reconcile now",
                extra={"action": "reconcile_postponed", "reason": error.code},
            )
        except Exception:
            # This thread is the safety net: it must outlive any single fault.
            logger.exception(
                "reconciler pass failed", extra={"action": "reconcile_failed"}
            )
