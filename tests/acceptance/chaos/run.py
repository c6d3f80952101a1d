"""One run: callers and faults side by side, then quiet, then the audit."""

import json
import time
from pathlib import Path
from typing import Any

import httpx2
import numpy as np

from db.contracts.kinds import KINDS
from tests.acceptance.chaos import facts
from tests.acceptance.chaos.client import Callers
from tests.acceptance.chaos.injector import Injector
from tests.acceptance.chaos.jobs import Maker, offered_makers
from tests.acceptance.chaos.ledger import Ledger, read_ledger
from tests.acceptance.chaos.plan import ChaosPlan
from tests.acceptance.chaos.receiver import Receiver, listening_receiver
from tests.acceptance.chaos.report import Report, report
from tests.acceptance.chaos.settled import is_settled
from tests.acceptance.chaos.site import Site

LOOK_SECONDS = 0.5


def run_chaos(site: Site, plan: ChaosPlan, *, ledger_path: Path, title: str) -> Report:
    """Return what came of it; nothing is raised for what the service did wrong."""
    calling, striking, answering = np.random.default_rng(plan.seed).spawn(3)
    injector = Injector(site, plan, striking)
    interface = httpx2.get(f"{site.stack.api_url}/openapi.json").json()
    with Ledger(ledger_path) as ledger, listening_receiver(answering) as receiver:
        callers = Callers(
            site.stack.api_url,
            plan=plan,
            makers=_makers(interface),
            ledger=ledger,
            webhook_url=receiver.url,
            rng=calling,
        )
        callers.start()
        began_at = time.monotonic()

        def is_over() -> bool:
            seconds = time.monotonic() - began_at
            enough = seconds >= plan.seconds and ledger.count >= plan.jobs
            return enough or seconds >= plan.longest_seconds

        try:
            injector.run(is_over)
            callers.ask_to_stop()
            since = injector.ended_at
            quiet = _Quiet(site, callers, receiver, ledger_path, plan, since)
            injector.watch(quiet.is_over)
        finally:
            callers.give_up()
        promises = read_ledger(ledger_path)
        collected = facts.collect(
            site.stack.api_url, site.stack.settings, promises, receiver.heard
        )
    return report(
        title,
        plan,
        site=site,
        facts=collected,
        struck=injector.struck,
        callers=callers,
        settled_seconds=quiet.seconds,
        has_keys="idempotency-key" in json.dumps(interface).lower(),
    )


class _Quiet:
    """Tells when everything has ended and been told, or ought to have."""

    def __init__(
        self,
        site: Site,
        callers: Callers,
        receiver: Receiver,
        ledger_path: Path,
        plan: ChaosPlan,
        since: float,
    ) -> None:
        self.seconds = 0.0
        self._site = site
        self._callers = callers
        self._receiver = receiver
        self._ledger_path = ledger_path
        self._plan = plan
        self._since = since
        self._look_at = 0.0

    def is_over(self) -> bool:
        if time.monotonic() < self._look_at:
            return False
        settled = is_settled(
            self._site.stack.api_url,
            self._callers,
            self._receiver,
            ledger_path=self._ledger_path,
        )
        self.seconds = time.time() - self._since
        self._look_at = time.monotonic() + LOOK_SECONDS
        return settled or self.seconds > self._plan.settle_seconds


def _makers(interface: dict[str, Any]) -> tuple[Maker, ...]:
    """Return a maker for each kind that the service knows; there must be one."""
    makers = offered_makers(list(interface["paths"]))
    forgotten = KINDS.keys() - {maker.kind for maker in makers}
    assert not forgotten, f"jobs.MAKERS makes no jobs of the kinds {forgotten}"
    return makers
