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
    contrary: str = ""
    """The subject of the claim that says the opposite, if there is one."""
    nothing: float = 0.0
    """What the effect would be, at most, if there were nothing to find."""
    facts: Facts = field(default_factory=dict)
    """What else it was made from."""

    @property
    def id(self) -> str:
        """Name it by what it claims."""
        return claim_id(self.kind, self.subject)

    @property
    def contrary_id(self) -> str | None:
        """Name its contrary."""
        return claim_id(self.kind, self.contrary) if self.contrary else None


def claim_id(kind: str, subject: str) -> str:
    """Return the name of what is claimed."""
    return f"ins_{hashlib.sha256(f'{kind}|{subject}'.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding."""

    name: str
    hypothesis: str
    test: str
    claims: Callable[[History], list[Claim]]
    """Every hypothesis that there is enough for, also those that fail."""
    horizon_s: float | None
    """How long after it was found a finding is judged by what came later; None of what
    is over when it is found, and promises nothing."""
    needs_before: bool = False
    """Whether it is judged beside what came before, too."""


SIZES = ((2, 25), (26, 70), (71, 120), (121, 300), (301, 5000))
"""First and last order of what is compared with one another: the method ``auto``
decides at these orders too."""


def size_class(order: int) -> str:
    """Return which sizes an instance is compared with."""
    for low, high in SIZES:
        if order <= high:
            return f"{low} to {high}"
    raise ValueError(order)
