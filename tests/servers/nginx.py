"""nginx with the configuration that we give away, before API processes of a test."""

import shutil
import signal
import ssl
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from api.stack.child import Child
from api.stack.ports import is_listening
from tests.servers.certificates import HOST, Authority
from tests.servers.ports import free_port

ROOT = Path(__file__).parents[2]
GIVEN_AWAY = ROOT / "deploy" / "nginx"
START_SECONDS = 60.0


def find_nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


class Nginx:
    """One on loopback; only ports, places and the names of processes are ours."""

    def __init__(self, folder: Path, upstreams: Sequence[int]) -> None:
        program = find_nginx()
        assert program is not None
        self.port = free_port()
        self.authority = Authority(folder / "tls")
        folder = folder.resolve()
        pair = self.authority.sign("server")
        text = (GIVEN_AWAY / "solvequeue.conf").read_text()
        shutil.copy(GIVEN_AWAY / "solvequeue-passing.conf", folder)
        first, second = upstreams
        for given, ours in (
            ("127.0.0.1:8001 ", f"{HOST}:{first} "),
            ("127.0.0.1:8002 ", f"{HOST}:{second} "),
            ("listen 443 ssl;", f"listen {HOST}:{self.port} ssl;"),
            ("solve.example.com", "localhost"),
            ("/etc/nginx/solvequeue.crt", str(pair.certificate)),
            ("/etc/nginx/solvequeue.key", str(pair.key)),
        ):
            assert text.count(given) == 1, given
            text = text.replace(given, ours)
        (folder / "solvequeue.conf").write_text(text)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
        main = folder / "nginx.conf"
        main.write_text(
            f"daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\n"
            "events { worker_connections 256; }\n"
            f"http {{\naccess_log {folder}/access.log;\n{places}"
            f"include {folder}/solvequeue.conf;\n}}\n"
        )
        self._child = Child(
            "nginx",
            [program, "-p", str(folder), "-c", str(main), "-e", f"{folder}/error.log"],
            environment={},
            log_path=folder / "output.log",
            is_ready=lambda _: is_listening(HOST, self.port),
        )

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def trusting(self) -> ssl.SSLContext:
        """Return what a client needs to know it by."""
        return ssl.create_default_context(cafile=str(self.authority.path))

    def reload(self) -> None:
        """Have it read its configuration again; who is connected stays so."""
        self._child._signal(signal.SIGHUP)

    def __enter__(self) -> Self:
        self._child.start()
        self._child.wait_until_ready(timeout_seconds=START_SECONDS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.stop()
