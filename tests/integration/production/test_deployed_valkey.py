"""Valkey with the configuration and the users of compose.yaml, for a part of ours."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.exceptions import AuthenticationError, NoPermissionError

from api.stack.child import Child
from api.stack.ports import is_listening
from db.embedded_valkey import find_server
from tests.deployed_secrets import copy_with_secrets
from tests.servers.ports import free_port

START_SECONDS = 30.0


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Return what solvequeue.env says of the running server, at its place here."""
    made, port = copy_with_secrets(tmp_path / "deploy"), free_port()
    file = made / "valkey" / "valkey.conf"
    text = file.read_text()
    for theirs, here in (
        ("/run/secrets", str(made / "secrets")),
        ("bind * -::*", "bind 127.0.0.1"),
        ("port 6379", f"port {port}"),
        ("dir /data", f"dir {tmp_path}"),
    ):
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, here)
    file.write_text(text)
    server = Child(
        "valkey",
        [str(find_server()), str(file)],
        environment={},
        log_path=tmp_path / "valkey.log",
        is_ready=lambda _: is_listening("127.0.0.1", port),
    )
    server.start()
    try:
        server.wait_until_ready(timeout_seconds=START_SECONDS)
        settings = (made / "solvequeue.env").read_text()
        (told,) = re.findall(r"^REDIS_URL=(.+)$", settings, re.MULTILINE)
        assert "@valkey:6379/" in told
        yield told.replace("@valkey:6379/", f"@127.0.0.1:{port}/")
    finally:
        server.stop()


def test_the_service_may_do_what_it_needs_and_nobody_else_anything(url: str) -> None:
    with redis.Redis.from_url(url) as ours:
        assert ours.ping()
        assert ours.xadd("solvequeue:firehose", {"event": "x"})
        with pytest.raises(NoPermissionError):
            ours.flushall()
        with pytest.raises(NoPermissionError):
            ours.set("theirs", "1")
    user = re.compile(r"//solvequeue:[^@]+@")
    for stranger in (user.sub("//", url), user.sub("//:guessed@", url)):
        with (
            redis.Redis.from_url(stranger) as theirs,
            pytest.raises(AuthenticationError),
        ):
            theirs.ping()
