"""A real server in a thread, for what a test client cannot show: open connections."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from tests.waiting import wait_until


@dataclass(frozen=True)
class LiveApi:
    """Where the application listens."""

    app: FastAPI
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/ws"


@contextmanager
def serving(app: FastAPI) -> Iterator[LiveApi]:
    """Serve the application on a free loopback port."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        ws="api.relay.frame_protocol:FrameProtocol",
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="uvicorn", daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield LiveApi(app, port)
    finally:
        server.should_exit = True
        thread.join()
