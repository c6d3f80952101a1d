"""The parts of a production profile, started by the tests themselves."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from api.client import Client, Job
from api.stack import PartName, Stack
from db.contracts.settings import Settings
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
PARTS = (PartName.SOLVERS, PartName.COURIERS, PartName.API)
SECONDS = 60.0


def stack_of(
    home: Path,
    *,
    parts: Sequence[PartName] = PARTS,
    environment: Mapping[str, str] | None = None,
    **settings: object,
) -> Stack:
    """Return a service, not started yet, with the servers that the settings name."""
    folder = os.environ.get("NUMBA_CACHE_DIR", str(ROOT / ".solvequeue" / "kernels"))
    usual: dict[str, object] = {
        "home": home,
        "api_port": 0,
        "flower_port": 0,
        "worker_processes": 1,
        "warm_everything": False,
        "shutdown_seconds": 2,
        "rate_limits": "off",
    }
    return Stack(
        Settings(**usual | settings),  # type: ignore[arg-type]
        parts=parts,
        environment={"NUMBA_CACHE_DIR": folder, **(environment or {})},
    )


def ended(client: Client, job_id: str) -> Job:
    """Return the job once it has come to an end."""
    seen: list[Job] = []

    def check() -> bool:
        seen[:] = [client.job(job_id)]
        return seen[0].state.is_final

    wait_until(check, seconds=SECONDS)
    return seen[0]
