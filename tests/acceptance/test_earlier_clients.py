"""Clients of the earlier servers, unmodified, against four API processes."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from db.backplane import Backplane
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from tests.api_processes import ApiProcess, api_processes
from tests.one_worker import working
from tests.waiting import wait_until

pytestmark = pytest.mark.alone

PROCESSES = 4
SOCKETS = 3
"""To each of the processes."""
PERIODS = 2
CLIENTS = Path(__file__).parent / "earlier_clients"
PATIENCE_SECONDS = 120
SOLVE = {
    "instance": {"name": "nug12"},
    "limits": {"iterations": 200, "time_s": 30},
    "cache": False,
}
NODE_WITH_SOCKETS, NODE_WITH_FLAG = 22, 20
"""Major versions."""


@pytest.fixture(scope="module")
def environment(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("earlier")
    with EmbeddedValkey(folder / "valkey", append_only=False) as valkey:
        yield {
            "SOLVEQUEUE_HOME": str(folder / "home"),
            "DATABASE_URL": f"sqlite:///{folder / 'solvequeue.db'}",
            "REDIS_URL": valkey.redis_url,
            "BROKER_URL": valkey.broker_url,
            "SOLVEQUEUE_LOG_LEVEL": "ERROR",
        }


@pytest.fixture(scope="module")
def four(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[ApiProcess]]:
    folder = tmp_path_factory.mktemp("processes")
    with api_processes(PROCESSES, environment, folder) as running:
        yield running


@pytest.fixture
def worker(environment: dict[str, str], four: list[ApiProcess]) -> Iterator[None]:
    settings = Settings(
        database_url=environment["DATABASE_URL"],
        redis_url=environment["REDIS_URL"],
        broker_url=environment["BROKER_URL"],
    )
    backplane = Backplane.open(settings)
    with working(backplane):
        yield
    backplane.close()


def socket_base(process: ApiProcess) -> str:
    return process.url.replace("http://", "ws://")


def run(*command: str) -> dict[str, Any]:
    """Run a client; return what it says in the end."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_the_calculators_python_client_gets_its_result(
    four: list[ApiProcess], worker: None
) -> None:
    url = f"{socket_base(four[0])}/ws"
    script = str(CLIENTS / "calculator.py")
    said = run(sys.executable, script, url, "solve", json.dumps(SOLVE))
    assert said["log"][:3] == ["welcome", "subscribed", "subscribed"]
    assert said["log"].count("calculation_complete") == 1
    assert said["log"][-1] == "pong"
    assert "error" not in said["log"]
    assert sorted(said["result"]["permutation"]) == list(range(12))


def test_a_user_of_the_finance_server_gets_npv_and_roi(
    four: list[ApiProcess], worker: None
) -> None:
    said = run(
        sys.executable, str(CLIENTS / "finance.py"), f"{socket_base(four[2])}/ws"
    )
    assert said["seen"][0] == "welcome"
    assert said["seen"].count("calculation_complete") == 2
    assert "calculation_update" in said["seen"]
    results = said["results"]
    assert results["my-npv"]["npv"] == 16314.71
    roi = results["my-comprehensive_roi"]
    assert roi["financial_metrics"]["npv"] == 480326.11
    assert roi["financial_metrics"]["irr"] == 0.2575
    assert roi["financial_metrics"]["simple_roi_pct"] == 100.0
    assert roi["financial_metrics"]["payback_years"] == 2.5
    assert roi["tco_analysis"]["total_tco"] == pytest.approx(1792466.361587323)
    assert roi["risk_analysis"]["sharpe_ratio"] == 2.27
    assert roi["investment_decision"]["recommended"] is True


def test_a_plain_page_shows_what_it_is_told(
    four: list[ApiProcess], worker: None
) -> None:
    command = [*node(), str(CLIENTS / "dashboard.js")]
    seen = run(*command, socket_base(four[1]), json.dumps(SOLVE))
    assert seen["errors"] == []
    assert seen["welcome"] == 3
    assert seen["connected"]
    assert seen["live_metrics"] >= 2
    assert (seen["online"], seen["alerts"]) == (0, 0)
    assert seen["health"].startswith("operational ")
    for shown in (seen["took"], seen["average"]):
        assert re.fullmatch(r"\d+\.\d\d ms", shown)


def node() -> list[str]:
    """Return how to run a script that has WebSocket, as pages have."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("NOT TESTED WITH JAVASCRIPT: there is no node here")
    told = subprocess.run(
        [found, "--version"], capture_output=True, text=True, check=True
    )
    major = int(told.stdout.strip().lstrip("v").partition(".")[0])
    if major >= NODE_WITH_SOCKETS:
        return [found]
    if major >= NODE_WITH_FLAG:
        return [found, "--experimental-websocket"]
    pytest.skip(f"NOT TESTED WITH JAVASCRIPT: node {major} has no WebSocket")


def test_each_socket_of_four_processes_is_told_once_a_period(
    four: list[ApiProcess],
) -> None:
    told = asyncio.run(listen(four))
    moments = [[each["timestamp"] for each in frames] for frames in told]
    for seen in moments:
        assert len(seen) == len(set(seen))
        assert len(seen) >= PERIODS
    # From where all of them listened: whatever one was told, all were.
    first = max(seen[0] for seen in moments)
    last = min(seen[-1] for seen in moments)
    common = [[each for each in seen if first <= each <= last] for seen in moments]
    assert all(seen == common[0] for seen in common)
    seconds = [int(each[17:19]) for each in common[0]]
    gaps = Counter((b - a) % 60 for a, b in pairwise(seconds))
    assert gaps.most_common(1)[0][0] == 2


async def listen(four: list[ApiProcess]) -> list[list[dict[str, Any]]]:
    """Return what each of several sockets of each process is told of the metrics."""

    async def read(socket: ClientConnection) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async for message in socket:
            frame = json.loads(message)
            if frame["type"] == "live_metrics":
                found.append(frame)
            if len(found) == PERIODS + 1:
                break
        return found

    async with feeds(four) as sockets:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return list(await asyncio.gather(*map(read, sockets)))


@asynccontextmanager
async def feeds(four: list[ApiProcess]) -> AsyncIterator[list[ClientConnection]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                connect(f"{socket_base(process)}/ws/live", proxy=None)
            )
            for process in four
            for _ in range(SOCKETS)
        ]


def test_sockets_of_all_processes_are_counted_and_reached(
    four: list[ApiProcess],
) -> None:
    wanted = PROCESSES * SOCKETS

    async def reach() -> list[str]:
        async with feeds(four) as sockets, asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.to_thread(wait_until, are_counted)
            answer = await asyncio.to_thread(
                four[3].client.post, "/admin/test/broadcast", json={"type": "hello"}
            )
            assert answer.json()["connections"] == wanted
            return list(await asyncio.gather(*map(hear, sockets)))

    def are_counted() -> bool:
        told = four[2].client.get("/ws/stats").json()
        return bool(told["active_connections"] == wanted)

    async def hear(socket: ClientConnection) -> str:
        async for message in socket:
            if json.loads(message)["type"] == "hello":
                return str(message)
        return ""

    assert asyncio.run(reach()) == ['{"type":"hello"}'] * wanted
