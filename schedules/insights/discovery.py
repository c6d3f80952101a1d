"""From claims to findings: what is left when all that was tested is counted."""

from dataclasses import dataclass

from schedules.insights.claim import Claim
from schedules.insights.history import History
from schedules.insights.registry import KINDS

LEVEL = 0.02
"""How probable one or more false findings are in a run, at most, where there is nothing
to find. Half of what is promised, and less: approximate tests may be a little off."""
PRIOR, WEIGHT = 0.8, 10.0
"""How often a kind is right before it was judged, and as how many judgements it counts.
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim that holds when all that were tested with it are counted."""

    claim: Claim
    adjusted_p: float
    hypotheses: int


def all_claims(history: History) -> list[Claim]:
    """Return everything that was tested, whatever came of it."""
    return [claim for kind in KINDS.values() for claim in kind.claims(history)]


def discover(history: History) -> list[Finding]:
    """Return what holds at ``LEVEL`` over all hypotheses together, surest first.

    By Holm's procedure (1979): it holds however the tests depend on each other, and
    bounds the probability of any false finding, thus the false discovery rate as well.
    """
    tested = sorted(all_claims(history), key=lambda each: each.p)
    found, adjusted = [], 0.0
    for place, claim in enumerate(tested):
        adjusted = max(adjusted, min(1.0, claim.p * (len(tested) - place)))
        if adjusted > LEVEL:
            break
        found.append(Finding(claim, adjusted, len(tested)))
    return found


def confidence(adjusted_p: float, *, hits: int, judged: int) -> float:
    """Return how sure a finding may be called, 0 to 100.

    ``100 (1 - p) (hits + 8) / (judged + 10)``: the test's own sureness, times how often
    findings of the kind have held on later data; ten imagined judgements, eight of them
    right, stand for what is not known yet.
    """
    rate = (hits + WEIGHT * PRIOR) / (judged + WEIGHT)
    return 100.0 * (1.0 - adjusted_p) * rate


def observed_later(claim_id: str, kind: str, later: History) -> float | None:
    """Return the effect of the same claim on later data; None if it lacks data.

    Where the contrary is claimed, so that the sign is turned, minus its effect.
    """
    for claim in KINDS[kind].claims(later):
        if claim.id == claim_id:
            return claim.effect
        if claim.contrary_id == claim_id:
            return -claim.effect
    return None


def holds(effect: float, observed: float, *, nothing: float) -> bool:
    """Return whether both lie on the same side of where there is nothing to find."""
    return (effect - nothing) * (observed - nothing) > 0
