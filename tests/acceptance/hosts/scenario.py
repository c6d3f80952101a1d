"""One disturbance under load, then quiet, then the audit of the chaos run."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import numpy as np

from tests.acceptance.chaos import facts
from tests.acceptance.chaos.client import Callers
from tests.acceptance.chaos.jobs import MAKERS
from tests.acceptance.chaos.ledger import Accepted, Ledger, read_ledger
from tests.acceptance.chaos.plan import ChaosPlan
from tests.acceptance.chaos.receiver import SECRET, Receiver, listening_receiver
from tests.acceptance.chaos.report import (
    Report,
    Row,
    load_rows,
    promise_rows,
    settled_row,
)
from tests.acceptance.chaos.settled import is_settled
from tests.acceptance.hosts.service import AHEAD, AHEAD_BY, Service, clock_ahead
from tests.waiting import wait_until

SUBMIT_SECONDS = 60.0
LOOK_SECONDS = 0.5
LONG_INSTANCE = "tai100a"


@dataclass(frozen=True)
class Scene:
    """What a disturbance works with."""

    service: Service
    ledger: Ledger
    webhook_url: str
    pause: threading.Event = field(default_factory=threading.Event)

    def submit_long(self, seconds: float, *, seed: int) -> str:
        """Have a solve of so many seconds run; return its id."""
        body: dict[str, Any] = {
            "kind": "solve",
            "instance": {"name": LONG_INSTANCE},
            "method": "iterated_tabu",
            "seed": seed,
            "limits": {"time_s": seconds},
            "webhook_url": self.webhook_url,
            "webhook_secret": SECRET,
        }
        key = f"long-{seed}-{time.time_ns()}"
        with httpx2.Client(base_url=self.service.urls[0], timeout=30) as http:
            answer = http.post(
                "/v1/jobs", json=body, headers={"Idempotency-Key": f'"{key}"'}
            )
        answer.raise_for_status()
        job_id = str(answer.json()["id"])
        self.ledger.accept(Accepted(job_id, key, "solve", body))
        return job_id

    def last(self, seconds: float) -> None:
        """Let it be so for a while: how long a cut lasts is what is tried."""
        self.pause.wait(seconds)

    def wait_for_load(self, jobs: int) -> None:
        """Wait until so many more jobs are accepted."""
        wanted = self.ledger.count + jobs
        wait_until(lambda: self.ledger.count >= wanted, seconds=SUBMIT_SECONDS)


Judge = Callable[[facts.Facts], list[Row]]
Disturb = Callable[[Scene], Judge]
"""Does something to the hosts; what it returns says what came of it in the end."""


def run_scenario(
    service: Service, plan: ChaosPlan, *, folder: Path, title: str, disturb: Disturb
) -> Report:
    """Return what came of it; nothing is raised for what the service did wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(plan.seed)
    ledger_path = folder / "ledger.jsonl"
    host = service.hosts["receiver"]
    earlier = facts.known_jobs(service.settings)
    with Ledger(ledger_path) as ledger:
        with host.entered():
            listening = listening_receiver(rng.spawn(1)[0], host.address)
            receiver = listening.__enter__()
        try:
            callers = _callers(service, plan, ledger, receiver, rng)
            try:
                scene = Scene(service, ledger, receiver.url)
                judge = disturb(scene)
                for each in callers:
                    each.ask_to_stop()
                seconds = _settle(service, callers, receiver, ledger_path, plan)
            finally:
                for each in callers:
                    each.give_up()
            found = facts.collect(
                service.urls[0],
                service.settings,
                read_ledger(ledger_path),
                receiver.heard,
                earlier=earlier,
            )
        finally:
            listening.__exit__(None, None, None)
    return Report(
        title,
        (
            *load_rows(found, callers, jobs=plan.jobs),
            Row(
                f"clock of {AHEAD}", AHEAD_BY if clock_ahead() else "right: no faketime"
            ),
            *judge(found),
            *promise_rows(found, callers),
            settled_row(seconds, plan.settle_seconds),
        ),
    )


def _callers(
    service: Service,
    plan: ChaosPlan,
    ledger: Ledger,
    receiver: Receiver,
    rng: np.random.Generator,
) -> list[Callers]:
    """Start callers at each process of the API."""
    callers = [
        Callers(
            url,
            plan=plan,
            makers=MAKERS,
            ledger=ledger,
            webhook_url=receiver.url,
            rng=stream,
        )
        for url, stream in zip(service.urls, rng.spawn(len(service.urls)), strict=True)
    ]
    for each in callers:
        each.start()
    return callers


def _settle(
    service: Service,
    callers: list[Callers],
    receiver: Receiver,
    ledger_path: Path,
    plan: ChaosPlan,
) -> float:
    """Wait until all is over, or ought to be; return the seconds that took."""
    since = time.monotonic()
    pause = threading.Event()
    while time.monotonic() - since < plan.settle_seconds:
        if all(
            is_settled(service.urls[0], each, receiver, ledger_path=ledger_path)
            for each in callers
        ):
            break
        pause.wait(LOOK_SECONDS)
    return time.monotonic() - since
