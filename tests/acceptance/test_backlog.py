"""Thousands of jobs wait: memory stays flat, a listing stays quick, all end.

BACKLOG_JOBS=10000 pytest -s tests/acceptance/test_backlog.py
"""

import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import psutil
import pytest

from api.stack import PartName
from tests.acceptance.conftest import Service
from tests.waiting import wait_until

JOBS = int(os.environ.get("BACKLOG_JOBS", "500"))
CLIENTS = 8
GROWTH = 1.5
"""Of resident memory, from a tenth of the way to the end."""
SMALL = {"instance": {"costs": [[1, 2, 3], [2, 1, 3], [3, 2, 1]]}, "cache": False}


def memory(service: Service, part: PartName) -> int:
    """Return the bytes that a part and its children hold."""
    pid = service.stack.handles[part].pid
    assert pid is not None
    parent = psutil.Process(pid)
    return sum(p.memory_info().rss for p in [parent, *parent.children(recursive=True)])


# Half a second for each is ten times what a quiet machine takes.
@pytest.mark.timeout(300 + JOBS // 2)
def test_a_long_queue_costs_no_memory_and_is_worked_off(
    service: Service,
) -> None:
    # Without solvers at first, so that all of them wait at once.
    solvers = service.stack.handles[PartName.SOLVERS]
    solvers.kill()
    with httpx2.Client(base_url=service.stack.api_url, timeout=60) as client:

        def submit(_: int) -> int:
            return client.post("/v1/jobs", json=SMALL).status_code

        first = JOBS // 10
        with ThreadPoolExecutor(CLIENTS) as pool:
            statuses = list(pool.map(submit, range(first)))
            early = memory(service, PartName.API)
            statuses += pool.map(submit, range(JOBS - first))
        assert set(statuses) == {202}
        late = memory(service, PartName.API)

        def count(state: str) -> int:
            text = client.get("/metrics/prometheus").text
            wanted = f'solvequeue_jobs{{state="{state}"}} '
            line = next(each for each in text.splitlines() if each.startswith(wanted))
            return round(float(line.removeprefix(wanted)))

        assert count("queued") == JOBS
        listings = []
        for _ in range(50):
            start = time.perf_counter()
            page = client.get("/v1/jobs", params={"state": "queued", "limit": 50})
            listings.append(1000 * (time.perf_counter() - start))
            assert len(page.json()["items"]) == 50
        solvers.start()
        start = time.perf_counter()
        wait_until(lambda: count("succeeded") >= first, seconds=600)
        solvers_early = memory(service, PartName.SOLVERS)
        wait_until(lambda: count("succeeded") == JOBS, seconds=3600)
        drained = JOBS / (time.perf_counter() - start)
        solvers_late = memory(service, PartName.SOLVERS)
    print(
        f"\n{JOBS} jobs: listing p50 {statistics.median(listings):.1f} ms, "
        f"worst {max(listings):.1f} ms (wanted < 50); drained at {drained:.0f}/s; "
        f"API {early >> 20} -> {late >> 20} MB, "
        f"solvers {solvers_early >> 20} -> {solvers_late >> 20} MB"
    )
    assert late < GROWTH * early
    assert solvers_late < GROWTH * solvers_early
