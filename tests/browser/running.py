"""Everything that the dashboard shows, in processes of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.client import Client
from api.stack import PartName, Stack
from db.contracts.settings import Settings
from tests.acceptance.conftest import PARTS, Service
from tests.fleet import NETWORK

ROOT = Path(__file__).parents[2]


@contextmanager
def running_service(home: Path) -> Iterator[Service]:
    """Run it with a home of its own until the block ends."""
    folder = os.environ.get("NUMBA_CACHE_DIR", str(ROOT / ".solvequeue" / "kernels"))
    settings = Settings(
        home=home,
        api_port=0,
        worker_processes=2,
        shutdown_seconds=2,
        webhook_allow_cidrs="127.0.0.0/8",
        webhook_backoff_scale=0.01,
        provider_allow_cidrs=NETWORK,
        rate_limits="off",
    )
    with (
        Stack(
            settings,
            parts=(*PARTS, PartName.BEAT),
            environment={"NUMBA_CACHE_DIR": folder},
        ) as stack,
        Client(stack.api_url) as client,
    ):
        yield Service(stack, client)
