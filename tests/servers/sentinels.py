"""A master, its replica and three sentinels that watch them, on loopback."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import redis
from typing_extensions import override

from db.embedded_valkey import EmbeddedValkey, find_server
from tests.servers.ports import free_port
from tests.waiting import wait_until

HOST = "127.0.0.1"
MASTER = "solvequeue"
DOWN_AFTER_MS = 1000
STOP_SECONDS = 10.0


class Replicated(EmbeddedValkey):
    """A server that may follow another, and may be frozen or killed."""

    def __init__(self, directory: Path, *, follows: int = 0) -> None:
        self.port = free_port()
        self._follows = follows
        super().__init__(directory, port=self.port, append_only=False)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, decode_responses=True)

    def kill(self) -> None:
        """End it as a crash would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def role(self) -> str:
        with self.client() as connection:
            return str(connection.info("replication")["role"])

    def is_in_step(self) -> bool:
        """Whether all that the master told has arrived."""
        with self.client() as connection:
            told = connection.info("replication")
        return told.get("master_link_status") == "up"

    @override
    def _arguments(self) -> list[str]:
        follows = ["--replicaof", HOST, str(self._follows)] if self._follows else []
        # A replica that waits to be sent all at once waits for others in vain.
        return [*super()._arguments(), *follows, "--repl-diskless-sync-delay", "0"]


@contextmanager
def replicated(directory: Path) -> Iterator[tuple[Replicated, Replicated]]:
    """Yield a master and its replica, which has all that the master was told."""
    with (
        Replicated(directory / "master") as master,
        Replicated(directory / "replica", follows=master.port) as replica,
    ):
        wait_until(replica.is_in_step)
        yield master, replica


class Sentinels:
    """Three processes that agree on who is the master."""

    def __init__(self, directory: Path, master: Replicated) -> None:
        self._directory = directory
        self._master = master
        self.ports = [free_port() for _ in range(3)]
        self._running = ExitStack()

    @property
    def url(self) -> str:
        hosts = ",".join(f"{HOST}:{port}" for port in self.ports)
        return f"sentinel://{hosts}/0?master={MASTER}"

    def master_port(self) -> int:
        """Return where the first sentinel says that the master is."""
        with redis.Redis(port=self.ports[0], decode_responses=True) as connection:
            _, port = connection.sentinel_get_master_addr_by_name(MASTER)
        return int(port)

    def fail_over(self) -> None:
        """Have the replica take over, while the master lives."""
        with redis.Redis(port=self.ports[0]) as connection:
            connection.sentinel_failover(MASTER)

    def __enter__(self) -> Self:
        for port in self.ports:
            self._start(port)
        wait_until(self._know_each_other)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._running.close()

    def _start(self, port: int) -> None:
        folder = self._directory / str(port)
        folder.mkdir(parents=True)
        config = folder / "sentinel.conf"
        config.write_text(
            f"port {port}\nbind {HOST}\ndir {folder}\n"
            f"sentinel monitor {MASTER} {HOST} {self._master.port} 2\n"
            f"sentinel down-after-milliseconds {MASTER} {DOWN_AFTER_MS}\n"
            f"sentinel failover-timeout {MASTER} 10000\n"
        )
        command = [str(find_server()), str(config), "--sentinel"]
        log = self._running.enter_context((folder / "log").open("wb"))
        process = subprocess.Popen(command, stdout=log, stderr=log)
        self._running.callback(_end, process)

    def _know_each_other(self) -> bool:
        return all(_knows_all(port, len(self.ports)) for port in self.ports)


def _knows_all(port: int, sentinels: int) -> bool:
    try:
        with redis.Redis(port=port, decode_responses=True) as connection:
            told: dict[str, object] = connection.sentinel_master(MASTER)
    except redis.RedisError:
        return False
    found = (told["num-other-sentinels"], told["num-slaves"])
    return found == (sentinels - 1, 1)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
