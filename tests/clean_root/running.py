"""Runs commands in a root as a container engine does: see `Running`."""

import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tests.clean_root.compose import Container
from tests.clean_root.roots import Root
from tests.waiting import wait_until

HOME = "/var/lib/solvequeue"
KERNELS = f"{HOME}/kernels"

# The root read-only, and above it what compose.yaml mounts: tmpfs for the home and for
# /tmp, the volume of kernels.
ENTER = f"""
root=$1 host=$2 user=$3 kernels=$4; shift 4
hostname "$host"
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
owner=uid=${{user%:*}},gid=${{user#*:}}
mount -t tmpfs -o "$owner,mode=0700,size=64m" tmpfs "$root{HOME}"
mkdir "$root{KERNELS}"
mount --bind "$kernels" "$root{KERNELS}"
mount -o remount,bind,ro "$root"
exec chroot "$root" "$@"
"""
BECOME = (
    "setpriv --reuid={0} --regid={1} --clear-groups"
    " --no-new-privs --bounding-set=-all --inh-caps=-all"
)


class Running:
    """One container: process 1 of its own, and a name, mounts and no rights of its own.

    The network is the machine's: servers listen on its loopback.
    """

    def __init__(
        self, container: Container, root: Root, kernels: Path, log: Path, number: int
    ) -> None:
        self.container = container
        self._root = root
        self._kernels = kernels
        self._log = log
        self.host = f"{container.name}-{number}"
        self._outer: subprocess.Popen[bytes] | None = None
        self.variables: dict[str, str] = {}

    def start(self, variables: dict[str, str]) -> Self:
        given = {**self._root.environment, **variables, **self.container.environment}
        self.variables = given
        with self._log.open("ab") as log:
            self._outer = subprocess.Popen(
                [
                    *("unshare", "--mount", "--uts", "--ipc", "--pid", "--fork"),
                    *("--kill-child", "sh", "-euc", ENTER, "sh"),
                    *(str(self._root.path), self.host, self._root.user),
                    *(str(self._kernels), *self._as_user(given)),
                    *self.container.command,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        # Before it is inside, a probe would look at this machine instead.
        wait_until(lambda: not self.is_alive() or self._is_inside())
        return self

    def _is_inside(self) -> bool:
        assert self._outer is not None
        return any(
            Path(f"/proc/{child.pid}/root").readlink() == self._root.path
            for child in psutil.Process(self._outer.pid).children()
        )

    def _as_user(self, variables: dict[str, str]) -> list[str]:
        """Return what becomes the user, and leaves it nothing but its variables.

        It comes after the change of root: only there do all of its files exist.
        """
        words = [f"{name}={value}" for name, value in variables.items()]
        return [
            *BECOME.format(*self._root.user.split(":")).split(),
            *("env", "-i", f"--chdir={self._root.directory}", *words),
        ]

    @property
    def first(self) -> psutil.Process:
        """Return the process that is number 1 in there."""
        assert self._outer is not None
        (child,) = psutil.Process(self._outer.pid).children()
        return child

    def is_alive(self) -> bool:
        return self._outer is not None and self._outer.poll() is None

    def probe(self) -> bool:
        """Ask its health check, in there, as whoever works there."""
        assert self.is_alive(), f"{self.host} has ended:\n{self.tail()}"
        return self.run(self.container.probe).returncode == 0

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run it beside process 1, as an engine's `exec` does."""
        inside = ["nsenter", f"--target={self.first.pid}", "--all", "--root", "--wd"]
        return subprocess.run(
            [*inside, *self._as_user(self.variables), *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def wait_until_healthy(self, *, seconds: float) -> float:
        """Return after how many seconds it was."""
        begun = time.monotonic()
        wait_until(self.probe, seconds=seconds)
        return time.monotonic() - begun

    def wait(self, *, seconds: float) -> int:
        assert self._outer is not None
        return self._outer.wait(seconds)

    def ask_to_stop(self) -> None:
        self.first.send_signal(signal.SIGTERM)

    def drain(self) -> tuple[int, float]:
        """Stop it as an engine does; return its exit code and the seconds it took.

        One that does not stop within its grace is an error, not killed in silence.
        """
        begun = time.monotonic()
        self.ask_to_stop()
        try:
            code = self.wait(seconds=self.container.grace_seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.host} did not stop:\n{self.tail()}") from None
        return code, time.monotonic() - begun

    def tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-30:])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._outer is not None and self._outer.poll() is None:
            self._outer.kill()
            self._outer.wait()
