"""Everything is killed, frozen and restarted at random, and no promise is broken.

The size comes from CHAOS_SECONDS, CHAOS_JOBS and CHAOS_SEED: `make test` runs a short
one, `make acceptance` five minutes, `make chaos` thirty.
"""

import os
from pathlib import Path

import pytest

from tests.acceptance.chaos.plan import ChaosPlan
from tests.acceptance.chaos.report import Report
from tests.acceptance.chaos.run import run_chaos
from tests.acceptance.chaos.site import open_site
from tests.servers.postgresql import PostgreSQL, find_binaries

pytestmark = pytest.mark.alone

ROOT = Path(__file__).parents[2]
PLAN = ChaosPlan.from_environment()


@pytest.mark.timeout(PLAN.timeout_seconds)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_every_promise_is_kept_whatever_dies(database: str, tmp_path: Path) -> None:
    kernels = os.environ.get("NUMBA_CACHE_DIR", str(ROOT / ".solvequeue" / "kernels"))
    if database == "sqlite":
        report = _run(tmp_path, kernels, None)
    elif find_binaries() is None:
        pytest.skip("NOT TESTED ON POSTGRESQL: no binaries here")
    else:
        # Its own server: this one is restarted.
        with PostgreSQL() as server:
            report = _run(tmp_path, kernels, server)
    print(report)
    assert report.is_kept, str(report)


def _run(folder: Path, kernels: str, server: PostgreSQL | None) -> Report:
    database = "SQLite" if server is None else "PostgreSQL"
    with open_site(folder / "home", kernels, server) as site:
        return run_chaos(
            site,
            PLAN,
            ledger_path=folder / "ledger.jsonl",
            title=f"Chaos on {database}, seed {PLAN.seed}; logs in {folder}",
        )
