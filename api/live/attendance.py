"""Who is connected, to which process ever; told to all of them through Redis.

What is told is enough to count and to list sockets, and says nothing of who they are.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import orjson

from api.state import ApiState
from db.contracts.errors import UnavailableError
from db.contracts.event import Published
from db.presence import TELL_SECONDS

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Visitor:
    """One open socket."""

    path: str
    client_id: str = field(default_factory=lambda: f"client_{secrets.token_hex(8)}")
    connected_at: float = field(default_factory=time.time)
    last_ping: float = field(default_factory=time.time)
    """When it last showed that it lives."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The sockets that are known of."""

    visitors: list[Visitor]
    is_whole: bool
    """False while Redis is away: they are those of one process."""

    def at(self, path: str) -> int:
        """Return how many are connected there."""
        return sum(each.path == path for each in self.visitors)


class Attendance:
    """The sockets of this process, and its view of all others."""

    def __init__(self, state: ApiState) -> None:
        self._state = state
        self._name = secrets.token_hex(8)
        self._present: dict[str, Visitor] = {}
        self._reaching: dict[str, Callable[[Published], None]] = {}
        self._changed: set[str] = set()
        self._told: set[str] = set()
        self._telling, self._starting = threading.Lock(), threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    @contextmanager
    def present(
        self, path: str, hear: Callable[[Published], None]
    ) -> Iterator[Visitor]:
        """Be there for the time of the context; ``hear`` takes an event."""
        visitor = Visitor(path)
        self._present[visitor.client_id] = visitor
        self._reaching[visitor.client_id] = hear
        self._changed.add(visitor.client_id)
        self._start()
        try:
            yield visitor
        finally:
            del self._present[visitor.client_id], self._reaching[visitor.client_id]

    def has_shown(self, visitor: Visitor) -> None:
        """Note that the client lives."""
        visitor.last_ping = time.time()
        self._changed.add(visitor.client_id)

    def tell_own(self, event: Published) -> None:
        """Tell those who are connected to this process, when no log can be told."""
        for hear in list(self._reaching.values()):
            hear(event)

    def look(self) -> Seen:
        """Return all sockets; blocks meanwhile."""
        try:
            self.tell()
            told = self._state.parts.presence.sockets()
        except UnavailableError:
            return Seen(list(self._present.values()), is_whole=False)
        found = [_visitor(client_id, text) for client_id, text in told.items()]
        found.sort(key=lambda visitor: visitor.connected_at)
        return Seen(found, is_whole=True)

    def tell(self) -> None:
        """Tell what is new; raises UnavailableError, and tells it the next time."""
        with self._telling:
            changed, self._changed = self._changed, set()
            present = dict(self._present)
            if not present and not self._told:
                return
            try:
                self._tell(present, changed)
            except UnavailableError:
                self._changed |= changed
                raise

    def _tell(self, present: dict[str, Visitor], changed: set[str]) -> None:
        presence = self._state.parts.presence
        news = {name: _text(present[name]) for name in changed if name in present}
        gone = self._told - present.keys()
        known = presence.tell_sockets(self._name, news, gone=gone)
        self._told = (self._told - gone) | news.keys()
        if known != len(self._told) or self._told != present.keys():
            self._told = set()
            presence.forget_sockets(self._name)
            whole = {name: _text(visitor) for name, visitor in present.items()}
            presence.tell_sockets(self._name, whole)
            self._told = set(whole)

    def close(self) -> None:
        """Tell of nobody any more."""
        self._stopped.set()
        thread = self._thread
        if thread is not None:
            thread.join(timeout=TELL_SECONDS)

    def _start(self) -> None:
        # Not at start-up: an application without lifespan has sockets too.
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="attendance", daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        while not self._stopped.wait(TELL_SECONDS):
            self._attempt(self.tell)
            with self._starting:
                if not self._present and not self._told:
                    # The next to come starts another.
                    self._thread = None
                    return
        name, presence = self._name, self._state.parts.presence
        self._attempt(lambda: presence.forget_sockets(name))

    def _attempt(self, telling: Callable[[], None]) -> None:
        try:
            telling()
        except UnavailableError:
            logger.debug("sockets untold", extra={"action": "sockets_untold"})
        except Exception:
            # Who is there is worth less than that they are served.
            logger.exception("sockets untold", extra={"action": "sockets_untold"})


def _text(visitor: Visitor) -> str:
    told = [visitor.path, visitor.connected_at, visitor.last_ping]
    return orjson.dumps(told).decode()


def _visitor(client_id: str, text: str) -> Visitor:
    path, connected_at, last_ping = orjson.loads(text)
    return Visitor(path, client_id, connected_at, last_ping)
