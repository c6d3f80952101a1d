"""Insights: what they are made of, and how sure one may be of them."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from db.contracts.payload import Payload

PRIOR_CONFIRMED = 9.0
PRIOR_REFUTED = 1.0
"""What a kind is trusted with before anything of it was judged: as if nine of ten
findings had been confirmed."""


class InsightState(StrEnum):
    """Whether it still stands."""

    ACTIVE = "active"
    EXPIRED = "expired"
    """It was not found any more."""


class Evidence(BaseModel):
    """What an insight rests on."""

    model_config = ConfigDict(
        frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    n: int
    """Independent observations: pairs, hours, jobs."""
    effect: float
    low: float
    high: float
    """The 95 % interval of the effect."""
    unit: str
    p: float
    """How probable so much is where there is nothing; two-sided."""
    p_adjusted: float
    """The same, for all hypotheses that were looked at together (Holm)."""
    test: str
    query: str
    """What it was read from."""
    data_from: str
    data_until: str


class Confidence(BaseModel):
    """How sure one may be, by what became of earlier findings of the kind."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    percent: float
    confirmed: int
    """Findings of this kind that later data have confirmed."""
    refuted: int


def confidence_of(confirmed: int, refuted: int, p_adjusted: float) -> Confidence:
    """Return how probable it is that later data confirm a finding.

    The mean of a Beta distribution that began as `PRIOR_CONFIRMED` to `PRIOR_REFUTED`
    and has learnt from each verdict, times the probability that the finding is none of
    chance's.
    """
    trusted = PRIOR_CONFIRMED + confirmed
    share = trusted / (trusted + PRIOR_REFUTED + refuted)
    return Confidence(
        percent=round(100 * share * (1 - p_adjusted), 1),
        confirmed=confirmed,
        refuted=refuted,
    )


class InsightShort(BaseModel):
    """One insight, in the words of the earlier overview."""

    id: str
    title: str
    description: str
    confidence: float
    """Per cent."""
    impact_estimate: str
    action_type: str
    priority: str
    timestamp: str


class InsightsUpdated(Payload):
    """What stands now, most certain first."""

    items: list[InsightShort]
