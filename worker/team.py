"""The log of a job whose children work on one problem: where they meet.

All of them write to it, and none can make it worse: the log itself refuses what is
(`Standing`). A child that is lost has left there what it had told.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from db.backplane import Backplane
from db.contracts.event import EventType, Progress
from db.stream import Standing
from worker.family import STARTED
from worker.progress import progress_entry

News = tuple[EventType, Progress]
GAINS = {EventType.JOB_INCUMBENT: "objective", EventType.JOB_BOUND: "bound"}


@dataclass(frozen=True, slots=True)
class Heard:
    """What the log last told."""

    incumbent: Progress | None
    """With its permutation."""
    latest: Progress | None
    """Without one; its bound is the greatest."""


class Team:
    """One child's way to the others; raises UnavailableError while Redis is away."""

    def __init__(
        self, backplane: Backplane, parent_id: str, traceparent: str = ""
    ) -> None:
        self._backplane = backplane
        self._parent_id = parent_id
        self._traceparent = traceparent

    def hear(self) -> Heard:
        """Return how the log stands."""
        told = self._backplane.stream.standing(self._parent_id)
        incumbent, latest = (
            None if each is None else Progress.model_validate_json(each)
            for each in told
        )
        return Heard(incumbent, latest)

    def tell(self, news: Sequence[News]) -> bool:
        """Append to the log; return whether it took all, or knew better."""
        entries = [
            progress_entry(
                type_,
                progress,
                job_id=self._parent_id,
                fence=1,
                needs=STARTED,
                traceparent=self._traceparent,
                standing=Standing(
                    objective=progress.objective,
                    bound=progress.bound,
                    gains=GAINS.get(type_, ""),
                ),
            )
            for type_, progress in news
            if progress.objective is not None
        ]
        return self._backplane.log.append(entries)

    def take_turn(self, seconds: float) -> bool:
        """Return whether this child is to tell how they stand, for so long."""
        return self._backplane.stream.take_turn(f"progress:{self._parent_id}", seconds)
