"""A RabbitMQ of the system's packages, in a folder of its own, on loopback."""

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from api.stack.child import Child
from tests.servers.ports import free_port

START_SECONDS = 120.0
STOP_SECONDS = 60.0


def find_rabbitmq() -> Path | None:
    """Return Debian's script, which is in no user's way."""
    places = [
        *Path("/usr/lib/rabbitmq").glob("lib/*/sbin/rabbitmq-server"),
        Path("/usr/lib/rabbitmq/bin/rabbitmq-server"),
    ]
    return next((place for place in places if os.access(place, os.X_OK)), None)


class RabbitMQ:
    """Started by us, with nothing of the system's own: no cookie, port or folder."""

    def __init__(self, directory: Path) -> None:
        server, names = find_rabbitmq(), shutil.which("epmd")
        if server is None or names is None:
            raise FileNotFoundError("no RabbitMQ here: apt-get install rabbitmq-server")
        self._server = server
        self.directory = directory
        self.port = free_port()
        self._distribution = free_port()
        self._names_port = free_port()
        self._begun = 0
        # Erlang's map of names; the broker would leave one of its own behind.
        self._names = self._child("epmd", [names, "-port", str(self._names_port)])
        self._broker = self._child("rabbitmq", [str(server)])

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "rabbitmq.conf").write_text(
            f"listeners.tcp.local = 127.0.0.1:{self.port}\n"
        )
        (self.directory / "enabled_plugins").write_text("[].\n")
        if not self._names.is_alive():
            self._names.start()
        log = self._broker.log_path
        # What an earlier start has said says nothing of this one.
        self._begun = log.stat().st_size if log.exists() else 0
        self._broker.start()
        self._broker.wait_until_ready(timeout_seconds=START_SECONDS)

    def stop(self) -> None:
        self._broker.stop()

    def kill(self) -> None:
        """End it as a crash would."""
        self._broker.kill()

    def _child(self, name: str, command: list[str]) -> Child:
        return Child(
            name,
            command,
            environment=self._environment(),
            log_path=self.directory / f"{name}.log",
            is_ready=lambda _: "Server startup complete" in self._said(),
            stop_seconds=STOP_SECONDS,
        )

    def control(self, *command: str) -> str:
        """Ask its own tool."""
        tool = self._server.with_name("rabbitmqctl")
        answer = subprocess.run(
            [str(tool), "--quiet", *command],
            env=self._environment(),
            check=True,
            capture_output=True,
            text=True,
        )
        return answer.stdout

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._names.stop()

    def _said(self) -> str:
        said = self._broker.log_path.read_bytes()[self._begun :]
        return said.decode(errors="replace")

    def _environment(self) -> dict[str, str]:
        folder = self.directory
        return {
            "PATH": os.defpath,
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"solvequeue{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            # Its map of names too: the one of the system may be another user's.
            "ERL_EPMD_PORT": str(self._names_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
