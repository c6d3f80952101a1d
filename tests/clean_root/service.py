"""The service of compose.yaml in a clean root: healthy, at work, and drained."""

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import redis

from db.embedded_valkey import EmbeddedValkey
from tests.clean_root import compose
from tests.clean_root.dockerfile import DOCKERFILE, Stage, parse
from tests.clean_root.roots import Root
from tests.clean_root.running import HOME, KERNELS, Running
from tests.servers.ports import free_port
from tests.servers.postgresql import PostgreSQL
from tests.waiting import wait_until

PASSWORD = "of-this-run-alone"
NUG12 = {"instance": {"name": "nug12"}, "limits": {"time_s": 5}, "seed": 1}
LONG = {"instance": {"name": "tai60a"}, "limits": {"time_s": 300}, "seed": 1}


class Service:
    """All parts of it, on this machine's loopback."""

    def __init__(
        self, image: Stage, root: Root, folder: Path, stack: ExitStack
    ) -> None:
        self._file = compose.read()
        self._image, self._root, self._stack = image, root, stack
        self._logs = folder / "logs"
        self._logs.mkdir(exist_ok=True)
        self._kernels = folder / "kernels"
        if not self._kernels.exists():
            # As an engine fills a volume that is empty: with what the image has there.
            filled = root.path / KERNELS[1:]
            subprocess.run(["cp", "-a", filled, self._kernels], check=True)
        self._count = 0
        self.variables = self._servers(folder)

    def _servers(self, folder: Path) -> dict[str, str]:
        """Start what is not ours, and tell where: as solvequeue.env does."""
        postgresql = self._stack.enter_context(PostgreSQL(tcp=True))
        url = postgresql.create_database()
        name = url.rpartition("/")[2]
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as to:
            to.execute(f"create role solvequeue login password '{PASSWORD}'".encode())
            to.execute(f"alter database {name} owner to solvequeue".encode())
        port = free_port()
        valkey = EmbeddedValkey(folder / "valkey", port=port)
        self._stack.enter_context(valkey)
        with redis.Redis(port=port) as client:
            client.config_set("requirepass", PASSWORD)
        return {
            "DATABASE_HOST": "127.0.0.1",
            "DATABASE_PORT": str(postgresql.port),
            "DATABASE_NAME": name,
            "DATABASE_PASSWORD": PASSWORD,
            "REDIS_URL": f"redis://:{PASSWORD}@127.0.0.1:{port}/0",
            "FLOWER_BASIC_AUTH": f"admin:{PASSWORD}",
            "SOLVEQUEUE_SHUTDOWN_SECONDS": "10",
        }

    def start(self, name: str) -> Running:
        self._count += 1
        described = compose.container(self._file, name, self._image)
        log = self._logs / f"{name}-{self._count}.log"
        log.unlink(missing_ok=True)
        running = Running(described, self._root, self._kernels, log, self._count)
        self._stack.enter_context(running)
        return running.start(self.variables)

    def healthy(self, name: str, *, seconds: float = 300.0) -> Running:
        running = self.start(name)
        took = running.wait_until_healthy(seconds=seconds)
        _tell(f"{running.host}: healthy after {took:.1f} s")
        return running


def try_out(image: Stage, root: Root, folder: Path) -> None:
    """Start every part, solve, lose and give back, and stop; fail at what is wrong."""
    with ExitStack() as stack:
        service = Service(image, root, folder, stack)
        migrations = service.start("migrations")
        code = migrations.wait(seconds=120)
        assert code == 0, migrations.tail()
        _tell(f"migrations: ended with {code}")
        parts = {
            name: service.healthy(name)
            for name in ("api", "solvers", "couriers", "beat", "flower")
        }
        _look_inside(parts["api"])
        _look_for_kernels(parts["solvers"], root)
        made = parts["api"].run(
            ["python", "-m", "db.keys", "create", "ops", "--scope", "admin"]
        )
        assert made.returncode == 0, made.stderr
        key = made.stdout.split()[-1]
        headers = {"Authorization": f"Bearer {key}"}
        with httpx2.Client(
            base_url="http://127.0.0.1:8000", headers=headers, trust_env=False
        ) as client:
            _work(client, service, parts)
        for name in ("api", "beat", "couriers", "flower"):
            _drained(parts[name])


def _look_inside(api: Running) -> None:
    """See that a container has what it needs and may do no more."""
    who = api.run(["id"]).stdout.strip()
    assert who.startswith("uid=10001"), who
    for path in ("/etc/written", "/opt/solvequeue/written", "/written"):
        said = api.run(["touch", path]).stderr
        assert "Read-only file system" in said, said
    status = api.first.name(), api.run(["cat", "/proc/1/status"]).stdout
    status = api.run(["cat", "/proc/1/status"]).stdout
    rights = {
        line.split()[0]: line.split()[1]
        for line in status.splitlines()
        if line.startswith(("CapEff", "CapBnd", "NoNewPrivs"))
    }
    assert rights == {"CapEff:": "0" * 16, "CapBnd:": "0" * 16, "NoNewPrivs:": "1"}
    _tell(f"api: {who}; read-only root; no capabilities; no new privileges")


def _look_for_kernels(solvers: Running, root: Root) -> None:
    """See that what the image has compiled was loaded, and nothing compiled again."""
    of_image = len([*(root.path / KERNELS[1:]).rglob("*.nbc")])
    found = solvers.run(["find", HOME, "-name", "*.nbc"]).stdout.split()
    assert of_image > 0
    assert len(found) == of_image, found
    assert all(path.startswith(KERNELS) for path in found), found
    _tell(f"solvers: {of_image} compiled kernels loaded from the volume")


def _work(client: httpx2.Client, service: Service, parts: dict[str, Running]) -> None:
    assert (
        httpx2.get("http://127.0.0.1:8000/v1/jobs", trust_env=False).status_code == 401
    )
    job = _send(client, NUG12)
    _until(client, job, "succeeded")
    found = _job(client, job)
    _tell(
        f"a solve of nug12: {found['state']}, objective {found['result']['objective']}"
    )
    assert found["result"]["objective"] == 578

    # One worker is told to go while it solves; another goes on with the job.
    job = _send(client, LONG)
    _until(client, job, "running")
    _drained(parts.pop("solvers"))
    assert _job(client, job)["state"] == "queued"
    _tell("a solve of 300 s: given back by the worker that went")
    other = service.healthy("solvers")
    _until(client, job, "running")
    assert client.post(f"/v1/jobs/{job}/cancel").is_success
    _until(client, job, "cancelled")
    _tell("the same: went on with another worker, and was cancelled there")
    metrics = httpx2.get("http://127.0.0.1:8000/metrics/prometheus", trust_env=False)
    assert "solvequeue_beat_ticking 1.0" in metrics.text
    _drained(other)


def _send(client: httpx2.Client, request: dict[str, Any]) -> str:
    answer = client.post("/v1/jobs", json=request)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def _job(client: httpx2.Client, job: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/jobs/{job}").json()
    return found


def _until(client: httpx2.Client, job: str, state: str) -> None:
    begun = time.monotonic()
    wait_until(lambda: _job(client, job)["state"] == state, seconds=120)
    _tell(f"job {job}: {state} after {time.monotonic() - begun:.1f} s")


def _drained(running: Running) -> None:
    code, took = running.drain()
    grace = running.container.grace_seconds
    _tell(f"{running.host}: SIGTERM, ended with {code} in {took:.1f} s of {grace:.0f}")
    assert code == 0, running.tail()


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    image = parse(DOCKERFILE.read_text(encoding="utf-8"))[-1]
    root = Root(folder / image.name)
    root.settle(image)
    try_out(image, root, folder)


if __name__ == "__main__":
    main()
