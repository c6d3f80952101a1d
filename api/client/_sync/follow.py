# Made of api/client/_async/follow.py by `make client`: change that one.
"""A log's events as they come, over as many connections as it takes."""

from collections.abc import Iterator
from http import HTTPStatus

import httpx2

from api.client._sync.patience import PATIENCE_SECONDS, Patience
from api.client._sync.transport import Transport
from api.client.exceptions import ProblemError
from api.client.models import Event
from api.client.transport import is_away

# The service says something, if only a comment, every 15 seconds.
SILENCE_SECONDS = 45.0


class Follower:
    """Reads one log to its end: nothing is missed, nothing comes twice."""

    def __init__(
        self,
        transport: Transport,
        path: str,
        *,
        after: int | None,
        epoch: str = "",
    ) -> None:
        """Begin after this number; None leaves it to the log where to begin."""
        self._transport = transport
        self._path = path
        self._position = after
        self._epoch = epoch
        self._is_over = False
        self._has_answered = False
        self._patience = Patience(PATIENCE_SECONDS)

    def events(self) -> Iterator[Event]:
        """Yield events until the terminal one; after a cut go on where it was."""
        while not self._is_over:
            try:
                for event in self._connection():
                    self._patience.renew()
                    yield event
            except (httpx2.TransportError, ProblemError) as error:
                if (
                    not self._has_answered
                    or self._patience.is_over()
                    or not is_away(error)
                ):
                    self._raise(error)
            if not self._is_over:
                self._patience.pause()

    def _connection(self) -> Iterator[Event]:
        with self._transport.stream(
            self._path,
            params={"epoch": self._epoch} if self._epoch else None,
            headers={"Accept": "text/event-stream", **self._place()},
            silence_seconds=SILENCE_SECONDS,
        ) as response:
            self._has_answered = True
            self._patience.extend()
            if response.status_code == HTTPStatus.NO_CONTENT:
                self._is_over = True
                return
            for message in httpx2.EventSource(response):
                if not message.data:
                    continue
                event = Event.parse(message.data)
                if self._epoch and event.epoch != self._epoch:
                    # The service lost its log and began it anew: numbers start again.
                    self._position = 0
                self._epoch = event.epoch
                # Told again after a cut, at most: the log itself has no doubles.
                if self._position is not None and event.number <= self._position:
                    continue
                self._position = event.number
                self._is_over = event.is_terminal
                yield event
                if self._is_over:
                    return

    def _place(self) -> dict[str, str]:
        if self._position is None:
            return {}
        return {"Last-Event-ID": str(self._position)}

    def _raise(self, error: Exception) -> None:
        if isinstance(error, httpx2.TransportError):
            raise self._transport.unreachable(error) from error
        raise error
