"""What is done to the hosts, and what must come of it."""

import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import httpx2

from db.models import Attempt
from tests.acceptance.chaos.facts import Facts, JobFacts
from tests.acceptance.chaos.report import Row
from tests.acceptance.hosts.scenario import Disturb, Judge, Scene
from tests.acceptance.hosts.service import WORKERS, Run, Service
from tests.acceptance.hosts.wire import Quality
from tests.waiting import wait_until

MOVED_SECONDS = 30.0
"""In which work moves to other hosts: the promise."""
PATIENCE_SECONDS = 90.0
LONG_SECONDS = 20.0
"""Of solves, so that some run when the cut comes, and have a checkpoint."""
DONE_SECONDS = 3.0
"""Of solving that a checkpoint is to hold before its host is cut off."""
TAKEN_SECONDS = 10.0
ASK_SECONDS = 60.0
ASK_AGAIN_SECONDS = 0.5
VICTIM = "w1"
POOR = Quality(delay_seconds=0.1, jitter_seconds=0.05, lost_share=0.05)
POOR_HOSTS = (*WORKERS, "clients", "receiver")


def cut_a_worker(seconds: float) -> Disturb:
    """Cut a host off on which solves run, and let it come back."""

    def disturb(scene: Scene) -> Judge:
        service = scene.service
        _occupy(scene)
        with service.network.away(VICTIM):
            at = service.now()
            held = service.running(VICTIM)
            moved = _wait_until_moved(service, held)
            scene.last(max(0.0, at + seconds - service.now()))
        back_at = service.now()
        again = service.seconds_until_work(
            VICTIM, since=back_at, patience=PATIENCE_SECONDS
        )
        takeovers = [run.started_at - at for run in moved]

        def judge(facts: Facts) -> list[Row]:
            worst = max(takeovers)
            return [
                Row("cut off", f"{back_at - at:.0f} s"),
                Row("attempts on the host that was cut off", str(len(held))),
                Row(
                    "run again elsewhere within",
                    f"{statistics.median(takeovers):.1f} s, at most {worst:.1f} s",
                    f"<= {MOVED_SECONDS:.0f} s",
                    is_kept=worst <= MOVED_SECONDS,
                ),
                _from_checkpoint(facts, held),
                Row("takes work again after", f"{again[VICTIM]:.1f} s"),
            ]

        return judge

    return disturb


def cut_the_database(seconds: float) -> Disturb:
    return _cut_a_server("db", seconds)


def cut_redis(seconds: float) -> Disturb:
    return _cut_a_server("redis", seconds)


def cut_clients(seconds: float) -> Disturb:
    """Cut the API off from its clients; what was accepted goes on."""

    def disturb(scene: Scene) -> Judge:
        service = scene.service
        scene.wait_for_load(5)
        with service.network.away("clients"):
            at = service.now()
            scene.last(seconds)
        back_at = service.now()
        wait = _seconds_until(lambda: service.answers(service.urls[0]))
        scene.wait_for_load(10)
        worked = {
            run.place
            for run in service.runs(Attempt.started_at > at)
            if run.started_at < back_at
        }

        def judge(_: Facts) -> list[Row]:
            return [
                Row("cut off", f"{back_at - at:.0f} s"),
                Row("hosts that worked on meanwhile", str(len(worked))),
                Row("answers again after", f"{wait:.1f} s"),
            ]

        return judge

    return disturb


def make_lines_poor(seconds: float) -> Disturb:
    """Let packets of workers, clients and the receiver be late, and some be lost."""

    def disturb(scene: Scene) -> Judge:
        service = scene.service
        with (
            service.network.poor(*POOR_HOSTS, quality=POOR),
            _asking(service) as asked,
        ):
            at, accepted = service.now(), scene.ledger.count
            scene.last(seconds)
            accepted = scene.ledger.count - accepted
        begun = service.runs(Attempt.started_at > at)

        def judge(_: Facts) -> list[Row]:
            delay, jitter = POOR.delay_seconds * 1000, POOR.jitter_seconds * 1000
            return [
                Row("late, each way", f"{delay:.0f} ms ± {jitter:.0f} ms"),
                Row("packets lost each way", f"{POOR.lost_share:.0%}"),
                Row(f"accepted in {seconds:.0f} s", str(accepted), "> 0"),
                Row("attempts begun meanwhile", str(len(begun)), is_kept=bool(begun)),
                asked.row(),
            ]

        return judge

    return disturb


def _cut_a_server(name: str, seconds: float) -> Disturb:
    def disturb(scene: Scene) -> Judge:
        service = scene.service
        _occupy(scene)
        with service.network.away(name), _asking(service) as asked:
            at, accepted = service.now(), scene.ledger.count
            scene.last(seconds)
            accepted = scene.ledger.count - accepted
        back_at, count_then = service.now(), scene.ledger.count
        wait = _seconds_until(lambda: scene.ledger.count > count_then)
        again = service.seconds_until_work(
            *WORKERS, since=back_at, patience=PATIENCE_SECONDS
        )

        def judge(_: Facts) -> list[Row]:
            told = ", ".join(f"{host} {after:.1f} s" for host, after in again.items())
            return [
                Row("cut off", f"{back_at - at:.0f} s"),
                Row("accepted meanwhile", str(accepted)),
                asked.row(),
                Row("accepts again after", f"{wait:.1f} s"),
                Row("workers take work again after", told),
            ]

        return judge

    return disturb


def _occupy(scene: Scene) -> None:
    """Submit long solves until one has a checkpoint on the host that may be hit."""
    service = scene.service
    ours: set[str] = set()

    def has_one() -> bool:
        return any(
            run.job_id in ours and run.elapsed_s > DONE_SECONDS
            for run in service.running(VICTIM)
        )

    for seed in count(1):
        ours.add(scene.submit_long(LONG_SECONDS, seed=seed))
        end = time.monotonic() + TAKEN_SECONDS
        while time.monotonic() < end:
            if has_one():
                return
            scene.pause.wait(ASK_AGAIN_SECONDS)
        assert seed < 4 * len(WORKERS), f"nothing of {ours} runs on {VICTIM}"


def _wait_until_moved(service: Service, held: list[Run]) -> list[Run]:
    """Return the attempts that follow those held; they must all come."""
    moved: dict[str, Run] = {}
    numbers = {run.job_id: run.number for run in held}

    def have_moved() -> bool:
        for run in service.runs(Attempt.job_id.in_(numbers)):
            if run.number == numbers[run.job_id] + 1:
                moved[run.job_id] = run
        return len(moved) == len(numbers)

    assert held
    wait_until(have_moved, seconds=PATIENCE_SECONDS)
    return list(moved.values())


def _from_checkpoint(facts: Facts, held: list[Run]) -> Row:
    """Want each next attempt to begin with what the checkpoint said was done."""
    begun = {
        run.job_id: _first_elapsed_s(facts.jobs[run.job_id], run.number + 1)
        for run in held
    }
    behind = tuple(
        f"{run.job_id} began at {begun[run.job_id]:.1f} s, not {run.elapsed_s:.1f} s"
        for run in held
        if begun[run.job_id] < run.elapsed_s
    )
    done = sum(run.elapsed_s for run in held)
    return Row(
        "of which began behind their checkpoint",
        f"{len(behind)} (checkpoints held {done:.1f} s of solving)",
        "0",
        behind,
        not behind,
    )


def _first_elapsed_s(job: JobFacts, attempt: int) -> float:
    told = (
        float(event["data"]["elapsed_s"])
        for event in job.log
        if event["data"].get("attempt") == attempt
        and event["data"].get("elapsed_s") is not None
    )
    # One that told nothing on its way tells at the end, of all its attempts.
    return next(told, float(job.result.get("elapsed_s") or 0.0))


class _Asked:
    """How the API answers a reader, again and again."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.saw: Counter[str] = Counter()

    def row(self) -> Row:
        seen = ", ".join(f"{name} {times}" for name, times in self.saw.items())
        slowest = max(self.seconds, default=0.0)
        return Row("readers were answered", f"{seen}; at most after {slowest:.1f} s")


@contextmanager
def _asking(service: Service) -> Iterator[_Asked]:
    """List jobs over and over beside what is done meanwhile."""
    asked, is_over = _Asked(), threading.Event()

    def ask() -> None:
        with httpx2.Client(base_url=service.urls[1], timeout=ASK_SECONDS) as http:
            while not is_over.wait(ASK_AGAIN_SECONDS):
                since = time.monotonic()
                try:
                    seen = str(http.get("/v1/jobs", params={"limit": 1}).status_code)
                except httpx2.TransportError as error:
                    seen = type(error).__name__
                asked.seconds.append(time.monotonic() - since)
                asked.saw[seen] += 1

    thread = threading.Thread(target=ask, name="asking")
    thread.start()
    try:
        yield asked
    finally:
        is_over.set()
        thread.join()


def _seconds_until(is_so: Callable[[], bool]) -> float:
    since = time.monotonic()
    wait_until(is_so, seconds=PATIENCE_SECONDS)
    return time.monotonic() - since
