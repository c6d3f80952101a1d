"""Hypotheses, and the findings that are left of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from schedules.insights.history import History

Priority = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Something that may be so, and what the history says of it."""

    claim: str
    """What is compared with what; the same for good, whichever way it turns out."""
    n: int
    """How many independent observations there are: pairs, hours, jobs."""
    effect: float
    low: float
    high: float
    """A 95 % interval of the effect."""
    unit: str
    p: float
    """How probable so much is where there is nothing; two-sided."""
    about: tuple[str, ...] = ()
    """Names that the text needs."""
    figures: tuple[float, ...] = ()
    """Further numbers that it needs."""


@dataclass(frozen=True, slots=True)
class Told:
    """A hypothesis that stands, in words."""

    title: str
    description: str
    impact: str
    priority: Priority


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of finding."""

    name: str
    action: str
    """What a reader may do about it, in one word."""
    test: str
    """The statistical test."""
    query: str
    """What it was read from."""
    hypotheses: Callable[[History], Sequence[Hypothesis]]
    tell: Callable[[Hypothesis], Told]
    settles_after_s: float | None = None
    """For one that is about a moment: what lies so far behind is compared with what
    was before. None: what came later is tested by itself."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A hypothesis that stands after all of them were looked at together."""

    kind: Kind
    hypothesis: Hypothesis
    p_adjusted: float

    @property
    def claim(self) -> str:
        return f"{self.kind.name}/{self.hypothesis.claim}"
