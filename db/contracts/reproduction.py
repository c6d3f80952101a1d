"""What it means to find the same again."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from db.contracts.termination import Termination

Number = int | float

ENDS_BY_ITSELF = (Termination.OPTIMAL, Termination.STALLED)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def permutation_sha256(permutation: Sequence[int]) -> str:
    """Return the SHA-256 of the permutation written as compact JSON, in hex."""
    return _sha256(list(permutation))


def course_sha256(improvements: Iterable[tuple[int, Number]]) -> str:
    """Return that of ``[[iteration, objective], …]``: how a run came to its result."""
    return _sha256([[iteration, value] for iteration, value in improvements])


def _sha256(content: object) -> str:
    text = json.dumps(content, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Reproduction(_Strict):
    """Whether a run that was repeated came to the same."""

    of: str
    """The job that was repeated."""
    verdict: Literal["match", "differ"]
    objective: Number
    expected_objective: Number
    reasons: list[str]
    """What differs; nothing of a match."""


class Expected(_Strict):
    """What a repeated run has to come to."""

    job: str
    objective: Number
    counted: Number
    """The objective as the search counted it: of fractions, with other roundings."""
    iterations: int = Field(ge=0)
    permutation_sha256: str
    course_sha256: str | None = None
    """Null where the first run did not tell."""

    def compare(
        self,
        *,
        objective: Number,
        permutation: Sequence[int],
        course: str,
        iterations: int,
        termination: Termination,
    ) -> Reproduction:
        """Return whether the run came to what was expected."""
        reasons = []
        if iterations < self.iterations and termination not in ENDS_BY_ITSELF:
            reasons.append(
                f"it ended by {termination} after {iterations} of "
                f"{self.iterations} iterations"
            )
        if objective != self.objective:
            reasons.append(f"the objective is {objective} instead of {self.objective}")
        if permutation_sha256(permutation) != self.permutation_sha256:
            reasons.append("it is another permutation")
        if self.course_sha256 not in (None, course):
            reasons.append("the incumbents on the way were others")
        return Reproduction(
            of=self.job,
            verdict="differ" if reasons else "match",
            objective=objective,
            expected_objective=self.objective,
            reasons=reasons,
        )
