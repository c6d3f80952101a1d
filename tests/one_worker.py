"""A worker in the test's own process: takes messages and does what they ask for."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from db.backplane import Backplane
from db.contracts.delivery import DELIVER_TASK
from db.contracts.job_kind import Queue
from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS
from db.repositories import jobs
from tests.waiting import wait_until
from worker.attempt import run_attempt
from worker.coordination import lead_on

TASKS = {kind.task: kind for kind in KINDS.values()}
DELIVER = DELIVER_TASK
PAUSE_SECONDS = 0.01


@contextmanager
def working(backplane: Backplane) -> Iterator[None]:
    """Run a worker beside the test."""
    ended = threading.Event()

    def work() -> None:
        worker = OneWorker(backplane)
        while not ended.wait(PAUSE_SECONDS):
            worker.work()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class OneWorker:
    """Runs jobs one after another, as a single solver child and a courier would.

    Deliveries are taken and not made: they would call the world.
    """

    def __init__(self, backplane: Backplane) -> None:
        self._backplane = backplane
        with backplane.broker._app.connection_for_write() as connection:
            self._redis = connection.default_channel.client
        self.deliveries: list[str] = []

    def step(self) -> bool:
        """Do what one message asks for; return False if there is none."""
        for queue in Queue:
            message = self._redis.rpop(queue.value)
            if message is not None:
                headers = json.loads(message)["headers"]
                self._do(headers["task"], headers["id"], queue)
                return True
        return False

    def work(self, *, until: Callable[[], bool] | None = None) -> None:
        """Go on until there are no messages left, or until something has come true.

        An API sends them a moment after its answer: who has asked it says until when.
        """

        def is_done() -> bool:
            while not (until is not None and until()) and self.step():
                pass
            return until is None or until()

        wait_until(is_done)

    def work_off(self, *job_ids: str) -> None:
        """Go on until these jobs have ended."""

        def have_ended() -> bool:
            with self._backplane.database.reading() as connection:
                states = [jobs.get_job(connection, each).state for each in job_ids]
            return all(JobState(state).is_final for state in states)

        self.work(until=have_ended)

    def _do(self, task: str, record_id: str, queue: Queue) -> None:
        if task == DELIVER:
            self.deliveries.append(record_id)
        elif TASKS[task].family is None:
            run_attempt(self._backplane, record_id, queue=queue)
        else:
            lead_on(self._backplane, record_id)
