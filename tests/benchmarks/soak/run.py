"""One soak: the stack, its load, samples all the while; then quiet, then the audit."""

import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import httpx2
import numpy as np

from api.stack import PartName, Stack
from db.contracts.settings import Settings
from tests.acceptance.chaos import facts
from tests.acceptance.chaos.audit import CHECKS
from tests.acceptance.chaos.ledger import Ledger, read_ledger
from tests.acceptance.chaos.receiver import OK, Heard, Receiver, listening_receiver
from tests.benchmarks.soak.caller import Caller
from tests.benchmarks.soak.journal import Journal
from tests.benchmarks.soak.load import Load
from tests.benchmarks.soak.plan import SoakPlan
from tests.benchmarks.soak.sampling import Sampler
from tests.servers.postgresql import PostgreSQL

ROOT = Path(__file__).parents[3]
PARTS = tuple(part for part in PartName if part is not PartName.FLOWER)
LOOK_SECONDS = 0.5


def soak(plan: SoakPlan, folder: Path) -> None:
    """Run it; everything that is needed to judge it stands in the folder."""
    with ExitStack() as running:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plan.json").write_text(json.dumps(asdict(plan)))
        stack = running.enter_context(_stack(plan, folder, running))
        journal = running.enter_context(Journal(folder))
        ledger = running.enter_context(Ledger(folder / "ledger.jsonl"))
        loading, answering = np.random.default_rng(plan.seed).spawn(2)
        receiver = running.enter_context(
            listening_receiver(answering, failing_share=0.0)
        )
        caller = Caller(
            stack.api_url, ledger=ledger, journal=journal, webhook_url=receiver.url
        )
        sampler = Sampler(stack)
        running.callback(sampler.close)
        load = Load(caller, plan, loading)
        load.start()
        try:
            _sample(sampler, journal, ledger, plan)
        finally:
            load.stop()
        settled = _settle(stack, receiver, ledger, plan)
        findings = _findings(stack, receiver, ledger)
        (folder / "findings.json").write_text(
            json.dumps({"settled_s": settled, **findings}, indent=1)
        )


def _stack(plan: SoakPlan, folder: Path, running: ExitStack) -> Stack:
    """Return the stack as `solvequeue up` runs it, but for shorter caches."""
    database_url = ""
    if plan.database == "postgresql":
        database_url = running.enter_context(PostgreSQL()).create_database()
    settings = Settings(
        home=folder / "home",
        database_url=database_url,
        api_port=0,
        worker_processes=plan.worker_processes,
        log_level="WARNING",
        cache_seconds=min(300.0, plan.lifetime_seconds),
        calculation_cache_seconds=plan.lifetime_seconds,
        webhook_allow_cidrs="127.0.0.0/8",
        rate_limits="off",
    )
    kernels = os.environ.get("NUMBA_CACHE_DIR", str(ROOT / ".solvequeue" / "kernels"))
    return Stack(settings, parts=PARTS, environment={"NUMBA_CACHE_DIR": kernels})


def _sample(sampler: Sampler, journal: Journal, ledger: Ledger, plan: SoakPlan) -> None:
    due = journal.elapsed
    end = due + plan.seconds
    while due < end:
        time.sleep(max(0.0, due - journal.elapsed))
        at = round(journal.elapsed, 3)
        journal.sample({"at_s": at, "accepted": ledger.count, **sampler.sample()})
        due += plan.sample_seconds


def _settle(
    stack: Stack, receiver: Receiver, ledger: Ledger, plan: SoakPlan
) -> float | None:
    """Return the seconds until all had ended and been told; None if never."""
    accepted = read_ledger(ledger.path).accepted.values()
    wanted = {each.id for each in accepted if "webhook_url" in each.body}
    begun = time.monotonic()
    with httpx2.Client(base_url=stack.api_url, timeout=30, trust_env=False) as http:
        while (seconds := time.monotonic() - begun) < plan.settle_seconds:
            told = {each.job_id for each in receiver.heard if each.status == OK}
            if wanted <= told and facts.unended(http) == 0:
                return seconds
            time.sleep(LOOK_SECONDS)
    return None


def _findings(
    stack: Stack, receiver: Receiver, ledger: Ledger
) -> dict[str, dict[str, list[str]] | dict[str, int]]:
    """Return what the audit of the chaos run finds wrong, and what came twice."""
    collected = facts.collect(
        stack.api_url, stack.settings, read_ledger(ledger.path), receiver.heard
    )
    found = {name: list(check(collected)) for name, check in CHECKS.items()}
    found["webhooks told more than once"] = list(_twice(receiver.heard))
    found["jobs tried more than once"] = [
        f"{job.id}: {[each.outcome for each in job.attempts]}"
        for job in collected.jobs.values()
        if len(job.attempts) > 1
    ]
    counts = Counter(job.state for job in collected.jobs.values())
    counts["webhook requests"] = len(receiver.heard)
    counts["jobs"] = len(collected.jobs)
    counts["jobs accepted with an id"] = ledger.count
    return {"findings": found, "counts": dict(counts)}


def _twice(heard: Sequence[Heard]) -> Iterator[str]:
    """Find ids that were taken more than once: here no receiver refuses."""
    by_id = defaultdict(list)
    for each in heard:
        by_id[each.webhook_id].append(each)
    for webhook_id, requests in by_id.items():
        if len(requests) > 1:
            yield f"{webhook_id}: {len(requests)} requests for {requests[0].job_id}"
