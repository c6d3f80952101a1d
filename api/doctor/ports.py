"""What is looked at of the ports: free, ours, or somebody else's."""

import contextlib

import psutil

from api.doctor.connection import is_solvequeue
from api.doctor.finding import Finding, ok, wrong
from api.doctor.surroundings import Surroundings
from api.stack.ports import http_url, is_listening
from db.contracts.settings import Settings


def ports(around: Surroundings) -> Finding:
    if around.stack is not None:
        # It has its ports; those of these settings are for the next start.
        return ok(f"process {around.stack.pid} is up, at {around.stack.url}")
    told = []
    for name, host, port in _wanted(around.settings):
        if not port:
            told.append(f"{name}: any")
            continue
        if not is_listening(host, port):
            told.append(f"{port} is free for {name}")
            continue
        if is_solvequeue(http_url(host, port)):
            told.append(f"{port} is {name}")
            continue
        variable = f"SOLVEQUEUE_{name.upper()}_PORT"
        return wrong(
            f"port {port}, where {name} listens, is taken by {_holder(port)}",
            f"End that, or choose another port: {variable}={port + 1}.",
        )
    return ok(", ".join(told))


def _wanted(settings: Settings) -> tuple[tuple[str, str, int], ...]:
    return (
        ("api", settings.api_host, settings.api_port),
        ("flower", "127.0.0.1", settings.flower_port),
    )


def _owner(port: int) -> int | None:
    """Return the process that listens on the port; None where we may not know."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return None
    for each in connections:
        if each.status == psutil.CONN_LISTEN and each.laddr.port == port:
            pid: int | None = each.pid
            return pid
    return None


def _holder(port: int) -> str:
    owner = _owner(port)
    if owner is None:
        return "a process of another user"
    with contextlib.suppress(psutil.Error):
        return f"{psutil.Process(owner).name()} (process {owner})"
    return f"process {owner}"
