"""Hosts are cut off from each other, and no promise is broken.

Three hosts with workers, one each with the API, PostgreSQL, Valkey, clients and the
receiver of webhooks, in namespaces of this machine; two of the workers' hosts have the
same name and the same process ids. HOSTS_CUT_SECONDS says how long a cut lasts:
`make test` takes less than `make hosts`.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.acceptance.chaos.plan import ChaosPlan
from tests.acceptance.hosts import cuts
from tests.acceptance.hosts.network import why_no_hosts
from tests.acceptance.hosts.scenario import Disturb, run_scenario
from tests.acceptance.hosts.service import Service, open_service
from tests.servers.postgresql import find_binaries

ROOT = Path(__file__).parents[2]
CUT_SECONDS = float(os.environ.get("HOSTS_CUT_SECONDS", "18"))
SHORT_SECONDS = float(os.environ.get("HOSTS_CUT_SECONDS", "8"))
PLAN = ChaosPlan(jobs=10, settle_seconds=120.0, waiting_jobs=20, submitters=1)
TWINS = {"w3": "w2"}
"""Hosts that are called like others: as machines made from one image are."""

pytestmark = [pytest.mark.alone, pytest.mark.timeout(900)]

SCENARIOS: dict[str, tuple[Callable[[float], Disturb], float]] = {
    "a worker's host is cut off": (cuts.cut_a_worker, CUT_SECONDS),
    "the database is cut off": (cuts.cut_the_database, SHORT_SECONDS),
    "redis is cut off": (cuts.cut_redis, SHORT_SECONDS),
    "clients are cut off": (cuts.cut_clients, SHORT_SECONDS),
    "lines are slow and lose packets": (cuts.make_lines_poor, SHORT_SECONDS),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    lacking = why_no_hosts() or ("" if find_binaries() else "no PostgreSQL")
    if lacking:
        pytest.skip(f"NOT TESTED ON SEVERAL HOSTS: {lacking}")
    kernels = os.environ.get("NUMBA_CACHE_DIR", str(ROOT / ".solvequeue" / "kernels"))
    folder = tmp_path_factory.mktemp("hosts")
    with open_service(folder, kernels, called=TWINS) as opened:
        yield opened


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_promise_is_kept_when(
    name: str, service: Service, tmp_path: Path
) -> None:
    disturb, seconds = SCENARIOS[name]
    # Another seed each: a key that comes again has to come with the same request.
    plan = replace(PLAN, seed=1 + list(SCENARIOS).index(name))
    report = run_scenario(
        service, plan, folder=tmp_path, title=f"When {name}", disturb=disturb(seconds)
    )
    print(report)
    assert report.is_kept, str(report)
