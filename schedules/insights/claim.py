"""What a test says: whether or not it is to be believed."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from schedules.insights.history import History

Facts = Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One hypothesis that was tested, with what speaks for it."""

    kind: str
    subject: str
    """What it is about, in a form that stays: equal claims have equal ones."""
    p: float
    """How probable what was seen, or more, is where there is nothing; not corrected."""
    n: int
    """Independent observations: pairs, hours, days."""
    effect: float
    low: float
    high: float
    """Between these the effect lies, with 95 % confidence."""
    unit: str
    test: str
    title: str
    description: str
    impact: str
    action: str
    priority: str = "medium"
    facts: Facts = field(default_factory=dict)
    """What else it was made from."""

    @property
    def id(self) -> str:
        """Name it by what it claims."""
        text = f"{self.kind}|{self.subject}"
        return f"ins_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding."""

    name: str
    hypothesis: str
    test: str
    claims: Callable[[History], list[Claim]]
    """Every hypothesis that there is enough for, also those that fail."""
    horizon_s: float
    """How long after it was found a finding is judged by what came later."""


SIZES = ((2, 25), (26, 70), (71, 120), (121, 300), (301, 5000))
"""First and last order of what is compared with one another: the method ``auto``
decides at these orders too."""


def size_class(order: int) -> str:
    """Return which sizes an instance is compared with."""
    for low, high in SIZES:
        if order <= high:
            return f"{low} to {high}"
    raise ValueError(order)
