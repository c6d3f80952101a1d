"""The parts of a stack: what each one runs, and how it is known to be ready."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import httpx2

from api.stack.ports import http_url, is_listening
from db.contracts.settings import Settings

API_GRACE_SECONDS = 10
MAX_MESSAGE_BYTES = 1 << 20
"""Longer frames cost no memory; shorter ones that are too long are answered."""
PING_SECONDS = 25


class PartName(StrEnum):
    """In the order in which they start."""

    VALKEY = "valkey"
    SOLVERS = "solvers"
    COURIERS = "couriers"
    BEAT = "beat"
    FLOWER = "flower"
    API = "api"


STOP_ROUNDS: tuple[tuple[PartName, ...], ...] = (
    # First nothing new comes in, then what runs gives itself back.
    (PartName.API, PartName.BEAT),
    (PartName.SOLVERS, PartName.COURIERS, PartName.FLOWER),
)


@dataclass(frozen=True)
class Plan:
    """What the parts' commands depend on."""

    settings: Settings
    api_port: int
    flower_port: int
    flower_password: str

    @property
    def home(self) -> Path:
        return self.settings.home.absolute()

    @property
    def api_url(self) -> str:
        return http_url(self.settings.api_host, self.api_port)

    @property
    def flower_url(self) -> str:
        return http_url("127.0.0.1", self.flower_port)

    def ready_file(self, name: str) -> Path:
        """Where `worker.app` writes its process id when it takes jobs."""
        return self.home / "run" / f"{name}.ready"


@dataclass(frozen=True)
class Part:
    """One process of the stack."""

    title: str
    command: list[str]
    is_ready: Callable[[int], bool]
    stop_seconds: float
    environment: Mapping[str, str] = field(default_factory=dict)


def describe(name: PartName, plan: Plan) -> Part:
    """Return how to run a part. Valkey is not run from here: see `db`."""
    return _DESCRIPTIONS[name](plan)


def _solvers(plan: Plan) -> Part:
    processes = plan.settings.worker_processes
    return Part(
        title=f"runs jobs, {processes} at a time",
        command=[
            *_worker(PartName.SOLVERS, plan),
            "--queues=interactive,standard,bulk",
            f"--concurrency={processes}",
        ],
        is_ready=lambda pid: _wrote(plan.ready_file(PartName.SOLVERS), pid),
        stop_seconds=plan.settings.shutdown_seconds + 10.0,
    )


def _couriers(plan: Plan) -> Part:
    return Part(
        title="delivers webhooks, runs schedules",
        command=[
            *_worker(PartName.COURIERS, plan),
            "--queues=webhooks,schedules",
            "--pool=threads",
            f"--concurrency={plan.settings.webhook_couriers}",
        ],
        is_ready=lambda pid: _wrote(plan.ready_file(PartName.COURIERS), pid),
        stop_seconds=plan.settings.shutdown_seconds + 10.0,
    )


def _beat(plan: Plan) -> Part:
    return Part(
        title="starts what is due",
        command=[*_celery(), "beat", f"--loglevel={plan.settings.log_level}"],
        is_ready=lambda _: True,
        stop_seconds=5.0,
    )


def _flower(plan: Plan) -> Part:
    user = plan.settings.flower_user
    return Part(
        title="shows workers and tasks",
        command=[
            *_celery(),
            "flower",
            "--address=127.0.0.1",
            f"--port={plan.flower_port}",
            # Its buttons would go past the job's row, which is the truth.
            "--read_only=True",
            "--persistent=True",
            f"--db={plan.home / 'flower'}",
            "--purge_offline_workers=60",
        ],
        is_ready=lambda _: is_listening("127.0.0.1", plan.flower_port),
        stop_seconds=5.0,
        # Not an argument: those are everyone's to read in the process list.
        environment={"FLOWER_BASIC_AUTH": f"{user}:{plan.flower_password}"},
    )


def _api(plan: Plan) -> Part:
    return Part(
        title="takes requests, relays events",
        command=[
            *(sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app"),
            f"--host={plan.settings.api_host}",
            f"--port={plan.api_port}",
            "--ws=api.relay.frame_protocol:FrameProtocol",
            f"--ws-max-size={MAX_MESSAGE_BYTES}",
            f"--ws-ping-interval={PING_SECONDS}",
            f"--timeout-graceful-shutdown={API_GRACE_SECONDS}",
            "--no-server-header",
            # It would believe anyone on this machine; see api/guard/client_address.py.
            "--no-proxy-headers",
            # The application writes a line for each request itself.
            "--no-access-log",
        ],
        is_ready=lambda _: _answers(f"{plan.api_url}/readyz"),
        stop_seconds=API_GRACE_SECONDS + 5.0,
    )


_DESCRIPTIONS: dict[PartName, Callable[[Plan], Part]] = {
    PartName.SOLVERS: _solvers,
    PartName.COURIERS: _couriers,
    PartName.BEAT: _beat,
    PartName.FLOWER: _flower,
    PartName.API: _api,
}


def _celery() -> list[str]:
    # Quiet: a banner is no line of a log.
    return [sys.executable, "-m", "celery", "--quiet", "--app=worker.app"]


def _worker(name: str, plan: Plan) -> list[str]:
    return [
        *_celery(),
        "worker",
        f"--hostname={name}@%h",
        f"--loglevel={plan.settings.log_level}",
        "--without-gossip",
        "--without-mingle",
        "--task-events",
    ]


def _wrote(path: Path, pid: int) -> bool:
    try:
        return path.read_text() == str(pid)
    except FileNotFoundError:
        return False


def _answers(url: str) -> bool:
    try:
        # A proxy of the environment knows nothing of this machine's ports.
        return httpx2.get(url, timeout=2.0, trust_env=False).is_success
    except httpx2.HTTPError:
        return False
