"""A stack that lives for one command: free ports, a home of its own, nothing kept."""

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from api.stack.errors import PartFailedError
from api.stack.parts import PartName
from api.stack.stack import Stack
from api.stack.supervisor import Supervisor
from db.contracts.settings import Settings

PARTS = (PartName.VALKEY, PartName.SOLVERS, PartName.API)


@contextmanager
def own_stack(*, on_ready: Callable[[str], None] = lambda _: None) -> Iterator[Stack]:
    """Run a worker and the API for as long as the context lasts."""
    home = Path(tempfile.mkdtemp(prefix="solvequeue-solve-"))
    stack = Stack(
        _settings(home),
        parts=PARTS,
        # Compiled code outlives this stack: the next one starts in seconds.
        kernels=Settings().home.absolute() / "kernels",
        append_only=False,
    )
    try:
        stack.start(on_ready=on_ready)
        with _supervised(stack):
            yield stack
    finally:
        stack.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _supervised(stack: Stack) -> Iterator[None]:
    stopped = threading.Event()
    failures: list[PartFailedError] = []

    def watch() -> None:
        try:
            Supervisor(stack).run(stopped)
        except PartFailedError as error:
            failures.append(error)
            # Whoever talks to the API learns at once that it is over.
            stack.kill()
        stopped.wait()

    thread = threading.Thread(target=watch, name="supervisor")
    thread.start()
    try:
        yield
    finally:
        # Nothing of it is kept, so nothing needs time to be put away.
        stack.kill()
        # In this order: what the supervisor has started ends with its thread.
        stack.stop()
        stopped.set()
        thread.join()
        if failures:
            raise failures[0]


def _settings(home: Path) -> Settings:
    """Return settings that reach nothing outside `home`, whatever the environment."""
    return Settings(
        home=home,
        database_url="",
        database_host="",
        redis_url="",
        redis_host="",
        broker_url="",
        api_host="127.0.0.1",
        api_port=0,
        auth_mode="off",
        worker_processes=1,
        warm_everything=False,
        shutdown_seconds=2,
    )
