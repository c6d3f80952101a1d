"""The callers: they submit, repeat what got no answer, and cancel now and then."""

import contextlib
import heapq
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx2
from numpy.random import Generator

from tests.acceptance.chaos.facts import unended
from tests.acceptance.chaos.jobs import Maker, pick_maker
from tests.acceptance.chaos.ledger import Accepted, Ledger
from tests.acceptance.chaos.plan import ChaosPlan
from tests.acceptance.chaos.receiver import SECRET

TIMEOUT_SECONDS = 4.0
AGAIN_SECONDS = 0.25
POLL_SECONDS = 0.05
TRY_AGAIN = frozenset({409, 502, 503, 504})
WEBHOOK_SHARE = 0.85
CANCEL_SHARE = 0.07
MAX_CANCEL_DELAY_SECONDS = 3.0


class Callers:
    """Threads that use the service; what they saw is counted by status and error."""

    def __init__(
        self,
        base_url: str,
        *,
        plan: ChaosPlan,
        makers: Sequence[Maker],
        ledger: Ledger,
        webhook_url: str,
        rng: Generator,
    ) -> None:
        self.saw: Counter[str] = Counter()
        self.refused: list[str] = []
        """Answers that no fault excuses."""
        self._base_url = base_url
        self._plan = plan
        self._makers = makers
        self._ledger = ledger
        self._webhook_url = webhook_url
        self._stopped = threading.Event()
        self._given_up = threading.Event()
        self._noting = threading.Lock()
        self._waiting = 0
        self._cancels: list[tuple[float, str]] = []
        *streams, keys = rng.spawn(plan.submitters + 1)
        self._keys = keys
        self._threads = [
            *(
                threading.Thread(target=self._submit, args=(stream,), name="submitter")
                for stream in streams
            ),
            threading.Thread(target=self._cancel, name="canceller"),
            threading.Thread(target=self._watch_backlog, name="backlog"),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def ask_to_stop(self) -> None:
        """Begin nothing new; end what was begun."""
        self._stopped.set()

    def give_up(self) -> None:
        """Let go of what the service still has not answered."""
        self._stopped.set()
        self._given_up.set()
        for thread in self._threads:
            thread.join()

    @property
    def are_done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def _submit(self, rng: Generator) -> None:
        with httpx2.Client(base_url=self._base_url, timeout=TIMEOUT_SECONDS) as http:
            while not self._stopped.is_set():
                if self._waiting >= self._plan.waiting_jobs:
                    self._stopped.wait(AGAIN_SECONDS)
                    continue
                maker = pick_maker(rng, self._makers)
                body = maker.make(rng)
                if rng.random() < WEBHOOK_SHARE:
                    body |= {
                        "webhook_url": self._webhook_url,
                        "webhook_secret": SECRET,
                    }
                job_id = self._send(http, maker, body)
                if job_id and rng.random() < CANCEL_SHARE:
                    delay = float(rng.uniform(0.0, MAX_CANCEL_DELAY_SECONDS))
                    with self._noting:
                        due = (time.monotonic() + delay, job_id)
                        heapq.heappush(self._cancels, due)

    def _send(self, http: httpx2.Client, maker: Maker, body: dict[str, Any]) -> str:
        """Send until it is accepted: under one key, so that it becomes one job."""
        with self._noting:
            key = self._keys.bytes(16).hex()
        headers = {"Idempotency-Key": f'"{key}"'}
        while not self._given_up.is_set():
            answer = self._call(http, maker.path, headers, body)
            if answer is not None and answer.status_code in {200, 201, 202}:
                job_id = str(answer.json()["id"])
                self._ledger.accept(Accepted(job_id, key, maker.kind, body))
                with self._noting:
                    self._waiting += 1
                return job_id
            if answer is not None and answer.status_code not in TRY_AGAIN:
                self._note_refusal(maker.path, answer)
                return ""
            self._given_up.wait(AGAIN_SECONDS)
        return ""

    def _cancel(self) -> None:
        with httpx2.Client(base_url=self._base_url, timeout=TIMEOUT_SECONDS) as http:
            while not self._given_up.wait(POLL_SECONDS):
                if self._stopped.is_set() and not self._cancels:
                    return
                with self._noting:
                    is_due = self._cancels and self._cancels[0][0] <= time.monotonic()
                    job_id = heapq.heappop(self._cancels)[1] if is_due else ""
                if job_id:
                    self._cancel_one(http, job_id)

    def _cancel_one(self, http: httpx2.Client, job_id: str) -> None:
        path = f"/v1/jobs/{job_id}/cancel"
        while not self._given_up.is_set():
            answer = self._call(http, path)
            # Too late is an answer as well.
            if answer is not None and answer.status_code in {200, 202, 409}:
                self._ledger.cancel(job_id, answer.status_code)
                return
            if answer is not None and answer.status_code not in TRY_AGAIN:
                self._note_refusal(path, answer)
                return
            self._given_up.wait(AGAIN_SECONDS)

    def _watch_backlog(self) -> None:
        with httpx2.Client(base_url=self._base_url, timeout=TIMEOUT_SECONDS) as http:
            while not self._stopped.wait(AGAIN_SECONDS):
                # Where it does not answer, what was known stands.
                with contextlib.suppress(httpx2.HTTPError):
                    self._waiting = unended(http)

    def _call(
        self,
        http: httpx2.Client,
        path: str,
        headers: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
    ) -> httpx2.Response | None:
        """Post once; return None where no answer came."""
        answer = None
        try:
            answer = http.post(path, headers=headers, json=body)
            seen = str(answer.status_code)
        except httpx2.TransportError as error:
            seen = type(error).__name__
        with self._noting:
            self.saw[seen] += 1
        return answer

    def _note_refusal(self, path: str, answer: httpx2.Response) -> None:
        with self._noting:
            self.refused.append(f"{path}: {answer.status_code} {answer.text[:300]}")
