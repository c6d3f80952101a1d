"""Hosts on one machine: each has a network, a name and process ids of its own.

A host is a set of the kernel's namespaces (net, uts, pid, mount) without a name, held
by one process. When that ends, also by `kill -9` of the tests, the kernel ends all
that runs in it and takes its lines away: nothing is left behind.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import permutations
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from api.stack.child import Child
from tests.acceptance.hosts.wire import Quality
from tests.waiting import wait_until

SUBNET = "10.77.0"
"""Nothing of it leaves the namespaces."""
BRIDGE = "lan"
READY_SECONDS = 20.0
PROGRAMS = ("unshare", "nsenter", "setpriv", "ip")
CLONE_NEWNET = 0x40000000
# Whoever holds the namespaces; the shell's number is 1 in its own.
HOLD = 'hostname "$0" && ip link set lo up && echo up && exec sleep infinity'


def why_no_hosts() -> str:
    """Return what this machine lacks for hosts of our own; empty if nothing."""
    if sys.platform != "linux":
        return "no Linux"
    if os.geteuid() != 0:
        return "not root"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"no {', '.join(missing)}: install util-linux and iproute2"
    if not Path("/dev/net/tun").exists():
        return "no /dev/net/tun"
    made = subprocess.run(
        ["unshare", "--net", "--uts", "--pid", "--mount", "--fork", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return made.stderr.strip()


class Host:
    """Where processes may run as if on a machine of their own."""

    def __init__(
        self, name: str, *, number: int, folder: Path, host_name: str = ""
    ) -> None:
        self.name = name
        self.address = f"{SUBNET}.{number}"
        self.mac = f"02:00:00:00:00:{number:02x}"
        self.folder = folder
        self._holder = Child(
            name,
            # Should whoever holds it die, so does it, and with it all in it.
            [
                *(_path("setpriv"), "--pdeathsig", "KILL", "unshare", "--kill-child"),
                *("--net", "--uts", "--pid", "--mount", "--fork", "--mount-proc"),
                *("sh", "-c", HOLD, host_name or name),
            ],
            environment=os.environ,
            log_path=folder / "host.log",
        )
        self._running: list[Child] = []
        self._pid = 0

    @property
    def pid(self) -> int:
        """The number, among ours, of the process that holds the namespaces."""
        return self._pid

    def up(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._holder.start()
        wait_until(self._is_up, seconds=READY_SECONDS)
        assert self._holder.pid is not None
        self._pid = psutil.Process(self._holder.pid).children()[0].pid

    def down(self) -> None:
        """End at once all that runs here."""
        self._holder.kill_group()
        self._holder.stop()
        for child in self._running:
            child.kill_group()
            child.stop()

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str]
    ) -> Child:
        """Start a process of this host; it ends with it."""
        child = Child(
            name,
            self.inside(command),
            environment=environment,
            log_path=self.folder / f"{name}.log",
        )
        child.start()
        self._running.append(child)
        return child

    def inside(self, command: Sequence[str]) -> list[str]:
        """Return the command that runs another one here."""
        spaces = ("--net", "--uts", "--pid", "--mount")
        return [_path("nsenter"), f"--target={self.pid}", *spaces, "--", *command]

    def ip(self, *arguments: str) -> None:
        """Change this host's network."""
        network = ["nsenter", f"--target={self.pid}", "--net", "--"]
        subprocess.run([*network, "ip", *arguments], check=True)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let this thread, and those it starts, use this host's network."""
        library = ctypes.CDLL(None, use_errno=True)
        thread = threading.get_native_id()
        with (
            Path(f"/proc/self/task/{thread}/ns/net").open() as ours,
            Path(f"/proc/{self.pid}/ns/net").open() as its,
        ):
            _enter(library, its.fileno())
            try:
                yield
            finally:
                _enter(library, ours.fileno())

    def _is_up(self) -> bool:
        if not self._holder.is_alive():
            raise self._holder.failure("did not come up")
        return self._holder.log_path.read_text().rstrip().endswith("up")


class Network:
    """A switch and the hosts on it; each host has one line.

    All hosts know each other's hardware addresses for good: to a host that is cut off
    packets are sent and nothing comes back, no refusal and no "unreachable".
    """

    def __init__(self, folder: Path, *names: str, called: Mapping[str, str]) -> None:
        """Plan it; ``called`` are the host names of those that are not called so."""
        self.switch = Host("switch", number=254, folder=folder / "switch")
        self.hosts = {
            name: Host(
                name,
                number=number,
                folder=folder / name,
                host_name=called.get(name, name),
            )
            for number, name in enumerate(names, 1)
        }
        self._wires: dict[str, Child] = {}
        self._running = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            for host in (self.switch, *self.hosts.values()):
                starting.callback(host.down)
                host.up()
            self.switch.ip("link", "add", "name", BRIDGE, "type", "bridge")
            self.switch.ip("link", "set", BRIDGE, "up")
            for host in self.hosts.values():
                self._connect(host)
            for host, other in permutations(self.hosts.values(), 2):
                host.ip(
                    *("neigh", "replace", other.address, "lladdr", other.mac),
                    *("dev", "eth0", "nud", "permanent"),
                )
            self._running = starting.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._running.close()

    def cut(self, name: str) -> None:
        """Let packets from and to the host vanish; nobody is told."""
        self.switch.ip("link", "set", "dev", name, "nomaster")

    def mend(self, name: str) -> None:
        self.switch.ip("link", "set", "dev", name, "master", BRIDGE)

    @contextmanager
    def away(self, name: str) -> Iterator[None]:
        """Cut a host off for as long as the context lasts."""
        self.cut(name)
        try:
            yield
        finally:
            self.mend(name)

    @contextmanager
    def poor(self, *names: str, quality: Quality) -> Iterator[None]:
        """Give hosts lines that are slow and lose packets, for as long as it lasts."""
        with ExitStack() as poor:
            for name in names:
                poor.callback(self._unwire, name)
                self._wire(name, quality)
            yield

    def _connect(self, host: Host) -> None:
        self.switch.ip(
            *("link", "add", "name", host.name, "type", "veth"),
            *("peer", "name", "eth0", "address", host.mac, "netns", str(host.pid)),
        )
        self.switch.ip("link", "set", "dev", host.name, "master", BRIDGE, "up")
        host.ip("address", "add", f"{host.address}/24", "dev", "eth0")
        host.ip("link", "set", "eth0", "up")

    def _wire(self, name: str, quality: Quality) -> None:
        """Put a wire of ours between the host's line and the switch."""
        near, far, side = f"{name}-near", f"{name}-far", f"{name}-side"
        command = [sys.executable, "-m", "tests.acceptance.hosts.wire", near, far]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        wire = self.switch.start(
            f"wire-{name}", [*command, quality.text()], environment
        )
        self._wires[name] = wire
        wait_until(lambda: "wired" in wire.log_tail(), seconds=READY_SECONDS)
        self.switch.ip("link", "add", "name", side, "type", "bridge")
        for device, bridge in ((near, side), (far, BRIDGE), (name, side)):
            self.switch.ip("link", "set", "dev", device, "master", bridge)
        for device in (near, far, side):
            self.switch.ip("link", "set", "dev", device, "up")

    def _unwire(self, name: str) -> None:
        wire = self._wires.pop(name, None)
        if wire is None:
            return
        wire.kill_group()
        wire.stop()
        self.mend(name)
        self.switch.ip("link", "delete", f"{name}-side")


def _path(program: str) -> str:
    found = shutil.which(program)
    assert found is not None, f"no {program}"
    return found


def _enter(library: ctypes.CDLL, namespace: int) -> None:
    if library.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot enter the host's network")
