"""One process' part in the checks: claims what is due soon, and makes it in threads."""

import logging
import threading
from collections.abc import Callable

from db.backplane import Backplane
from db.contracts.errors import UnavailableError
from db.guarded_http import client as http
from db.models import Provider
from db.repositories import provider_checks, providers
from db.repositories.provider_checks import Claimed
from schedules.provider_health.check import Checker
from schedules.provider_health.clock import Clock
from schedules.provider_health.pool import Pool
from schedules.provider_health.recording import write

logger = logging.getLogger(__name__)

AHEAD_S = 1.5
"""Beat comes every second, and now and then a little later."""
MARGIN_S = 15.0
"""A claim is held for longer than the check takes: threads and writing take time."""
MAX_CALLS = 2
"""The first place and the second."""


class Prober:
    """Claims, makes and records checks until it is drained."""

    def __init__(
        self, backplane: Backplane, *, now: Callable[[], float] | None = None
    ) -> None:
        """``now`` is what checks go by, in place of the database's clock."""
        settings = backplane.settings
        self.backplane = backplane
        self._clock = Clock()
        # One for the process: a new one would read all certificates again.
        self._client = http.client(settings.provider_networks)
        self._checker = Checker(backplane, self._client, now or self._clock.now)
        self._size = settings.provider_threads
        self._pool: Pool[Claimed] = Pool(self._size, self._check, now=self._clock.now)
        self._claiming = threading.Lock()
        self._has_more = False

    @property
    def under_way(self) -> int:
        """How many checks are claimed and not recorded yet."""
        return self._pool.under_way

    def take(self) -> int:
        """Claim what is due soon, as much as there are threads for; return how many.

        Returns at once: the checks are made later, by others.
        """
        # Who claims now does it for all.
        if not self._claiming.acquire(blocking=False):
            return 0
        try:
            return self._take()
        finally:
            self._claiming.release()

    def drain(self, seconds: float) -> None:
        """Begin nothing more and give back what was not begun; then wait so long."""
        left = self._pool.drain(0.0)
        try:
            with self.backplane.database.transaction() as connection:
                provider_checks.release(connection, left)
        except UnavailableError:
            logger.warning("claims lapse", extra={"action": "claims_lapse"})
        self._pool.drain(seconds)

    def wait_until_idle(self, seconds: float) -> bool:
        """Return whether all that was claimed is recorded within so long."""
        return self._pool.wait_until_idle(seconds)

    def _take(self) -> int:
        free = self._size - self._pool.under_way
        if free <= 0:
            return 0
        with self.backplane.database.reading() as connection:
            standing = provider_checks.standing(connection, ahead_s=AHEAD_S)
        self._clock.set(standing.time)
        if not standing.is_due:
            self._has_more = False
            return 0
        with self.backplane.database.transaction() as connection:
            claimed = provider_checks.claim_due(
                connection, ahead_s=AHEAD_S, hold_s=_hold_s, limit=free
            )
        self._has_more = len(claimed) == free
        refused = [each for each in claimed if not self._pool.submit(each, each.due_at)]
        if refused:
            with self.backplane.database.transaction() as connection:
                provider_checks.release(connection, refused)
        return len(claimed) - len(refused)

    def _check(self, claimed: Claimed) -> None:
        left = claimed.provider.claimed_until - self._clock.now()
        # Held up for so long that it may be another's before it is done.
        if left > _longest_s(claimed.provider):
            made = self._checker.make(claimed)
            try:
                write(self.backplane, claimed, made.checked, next_at=made.next_at)
            except UnavailableError:
                logger.warning(
                    "check not recorded",
                    extra={
                        "action": "check_not_recorded",
                        "provider_id": claimed.provider.id,
                    },
                )
        self._go_on()

    def _go_on(self) -> None:
        """Claim again at once where there was more to do than threads to do it."""
        if self._has_more and self._pool.under_way <= self._size // 2:
            try:
                self.take()
            except UnavailableError:
                # Beat comes again in a second.
                self._has_more = False


def _hold_s(provider: Provider) -> float:
    return AHEAD_S + _longest_s(provider) + MARGIN_S


def _longest_s(provider: Provider) -> float:
    expected = providers.expectation_of(provider)
    return MAX_CALLS * expected.timeout_ms / 1000
