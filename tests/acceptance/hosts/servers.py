"""PostgreSQL and Valkey, each on a host of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from db.embedded_valkey import find_server
from tests.acceptance.hosts.network import Host
from tests.servers.postgresql import PostgreSQL
from tests.waiting import wait_until

VALKEY_PORT = 6379


@contextmanager
def postgresql_on(host: Host) -> Iterator[PostgreSQL]:
    """Run a server that the host's neighbours may use."""
    with host.entered():
        server = PostgreSQL(tcp=True, address=host.address)
        server.start()
    try:
        yield server
    finally:
        server.stop(immediate=True)


def valkey_on(host: Host) -> str:
    """Run a server that the host's neighbours may use; return its URL."""
    options = {
        "bind": host.address,
        "port": str(VALKEY_PORT),
        "protected-mode": "no",
        "dir": str(host.folder),
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
    }
    command = [str(find_server())]
    for name, value in options.items():
        command += [f"--{name}", value]
    server = host.start("valkey", command, os.environ)

    def answers() -> bool:
        assert server.is_alive(), server.log_tail()
        with redis.Redis(host=host.address, port=VALKEY_PORT) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

    with host.entered():
        wait_until(answers)
    return f"redis://{host.address}:{VALKEY_PORT}/0"
