"""One transaction for what several threads want to write at the same moment.

SQLite has one writer. Threads that queue for it pay for a turn each: the lock, a commit
and a page of every index. Who comes first does the work of all who came meanwhile.
"""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlalchemy import Connection

from db.contracts.errors import DatabaseUnavailableError

T = TypeVar("T")

MOST = 16
"""Works of one transaction: who leads it waits for all of them."""


class _Wish:
    """What one thread wants to write, and what came of it."""

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.told = threading.Event()
        """Whether it is done, or its thread has to lead."""
        self.is_done = False
        self.result: Any = None
        self.error: BaseException | None = None


class SharedTransactions:
    """Of one process and one database."""

    def __init__(
        self, transaction: Callable[[], AbstractContextManager[Connection]]
    ) -> None:
        self._transaction = transaction
        self._changing = threading.Lock()
        self._waiting: deque[_Wish] = deque()
        self._is_led = False

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do the work in a transaction, and return what it returns or raise likewise.

        It may be done twice: where one of several fails, all are rolled back, and each
        is done by itself.
        """
        wish = _Wish(work)
        with self._changing:
            self._waiting.append(wish)
            leads, self._is_led = not self._is_led, True
        if not leads:
            wish.told.wait()
        if not wish.is_done:
            self._lead()
        if wish.error is not None:
            raise wish.error
        result: T = wish.result
        return result

    def _lead(self) -> None:
        """Do what waits, our own first; then let the next one lead."""
        group: list[_Wish] = []
        try:
            with self._transaction() as connection:
                # Not before: more come while the writer is waited for.
                group = self._take()
                for wish in group:
                    wish.result = wish.work(connection)
        except BaseException as error:
            group = group or self._take()
            if len(group) > 1 and not isinstance(error, DatabaseUnavailableError):
                self._do_apart(group)
            else:
                for wish in group:
                    wish.error = error
        finally:
            self._hand_over(group)

    def _do_apart(self, group: list[_Wish]) -> None:
        for wish in group:
            try:
                with self._transaction() as connection:
                    wish.result = wish.work(connection)
            except BaseException as error:
                wish.error = error

    def _take(self) -> list[_Wish]:
        with self._changing:
            return [
                self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))
            ]

    def _hand_over(self, group: list[_Wish]) -> None:
        with self._changing:
            following = self._waiting[0] if self._waiting else None
            self._is_led = following is not None
        for wish in group:
            wish.is_done = True
            wish.told.set()
        if following is not None:
            following.told.set()
