"""What an island tells the others, and what it hears from them.

About twice a second: often enough that none works long on what another has left
behind, and seldom enough to cost nothing. While Redis is away each goes on alone.
"""

import logging
import time
from collections.abc import Callable

from db.contracts.errors import UnavailableError
from db.contracts.event import EventType, Progress
from worker.progress import PROGRESS_GROWTH, PROGRESS_SECONDS, WINDOW_SECONDS
from worker.qap.gap import gap_to_bound
from worker.team import Heard, News, Team

logger = logging.getLogger(__name__)

HEAR_SECONDS = 0.5
AWAY_SECONDS = 1.0
TRIES = 5
"""Others may tell something better between hearing and telling."""


class Exchange:
    """Compares what one island holds with what the log of all has told."""

    def __init__(
        self,
        team: Team,
        *,
        island: int,
        method: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._team = team
        self._teller = {"island": island, "method": method}
        self._clock = clock
        self._due_at = 0.0

    def has_news(self) -> None:
        """Let the next meeting come soon."""
        self._due_at = min(self._due_at, self._clock() + WINDOW_SECONDS)

    def hurry(self) -> None:
        """Let the next meeting come at once."""
        self._due_at = self._clock()

    def postpone(self) -> None:
        """Let the next meeting wait until a part that is away may be back."""
        self._due_at = self._clock() + AWAY_SECONDS

    @property
    def is_due(self) -> bool:
        """Whether it is time to meet."""
        return self._clock() >= self._due_at

    def meet(self, held: Progress) -> Progress | None:
        """Tell what the others lack; return their incumbent where it is better.

        ``held`` is what this island holds, with its permutation and by whom it was
        found. What the log has lost it is told again.
        """
        self._due_at = self._clock() + HEAR_SECONDS
        try:
            heard = self._team.hear()
            for _ in range(TRIES):
                news = self._news(held, heard)
                if not news or self._team.tell(news):
                    break
                heard = self._team.hear()
        except UnavailableError as error:
            self.postpone()
            logger.info(
                "alone for now",
                extra={"action": "exchange_skipped", "reason": error.code},
            )
            return None
        found = heard.incumbent
        return found if found is not None and _is_lower(found, held) else None

    def _news(self, held: Progress, heard: Heard) -> list[News]:
        best, proven, news = heard.incumbent, heard.latest, []
        if best is None or _is_lower(held, best):
            best = held
            found = _standing(held, best=best, proven=proven)
            found = found.model_copy(update={"permutation": held.permutation})
            news.append((EventType.JOB_INCUMBENT, found))
        teller = held.model_copy(update=self._teller)
        if _proves(held, heard):
            proven = held
            bound = _standing(teller, best=best, proven=proven)
            news.append((EventType.JOB_BOUND, bound))
        if not news and self._is_turn(held):
            progress = _standing(teller, best=best, proven=proven)
            news.append((EventType.JOB_PROGRESS, progress))
        return news

    def _is_turn(self, held: Progress) -> bool:
        return self._team.take_turn(PROGRESS_SECONDS + held.elapsed_s * PROGRESS_GROWTH)


def _is_lower(first: Progress, second: Progress) -> bool:
    """Return whether the first has the lower objective; both have one."""
    assert first.objective is not None
    assert second.objective is not None
    return first.objective < second.objective


def _proves(held: Progress, heard: Heard) -> bool:
    """Return whether an island has a greater bound than the log has told."""
    told = None if heard.latest is None else heard.latest.bound
    return held.bound is not None and (told is None or held.bound > told)


def _standing(teller: Progress, *, best: Progress, proven: Progress | None) -> Progress:
    """Return how all stand, without the permutation."""
    objective, bound = best.objective, None if proven is None else proven.bound
    gap = None
    if objective is not None and bound is not None:
        gap = gap_to_bound(objective, bound)
    return teller.model_copy(
        update={
            # Of the whole there is one attempt, whatever became of its islands'.
            "attempt": 1,
            "objective": objective,
            "gap_to_best_known": best.gap_to_best_known,
            "bound": bound,
            "bound_name": None if proven is None else proven.bound_name,
            "gap_to_bound": gap,
            "permutation": None,
        }
    )
