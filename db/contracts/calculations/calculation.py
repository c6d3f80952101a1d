"""What a calculation is made of: what goes in, what comes out, and who does it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

DecimalText = Annotated[str, Field(json_schema_extra={"format": "decimal"})]
"""A number of more digits than a double has; thresholds may watch it."""


class Words(BaseModel):
    """What crosses between a caller and a calculation: nothing unknown, no NaN."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


class Parameters(Words):
    """What a calculation is given."""


class Outcome(Words):
    """What it came to, and what is certain of that."""


P = TypeVar("P", bound=Parameters)
O = TypeVar("O", bound=Outcome)  # noqa: E741

QUICK_SECONDS = 0.01
"""What a calculation is taken to need that says nothing of it."""


@dataclass(frozen=True, kw_only=True)
class Calculation(Generic[P, O]):
    """One type of calculation."""

    name: str
    version: str
    """Raised whenever equal parameters may come to another outcome: results of other
    versions are not shared."""
    summary: str
    topic: str
    """``precision`` or ``finance``."""
    parameters: type[P]
    outcome: type[O]
    function: str
    """``module:function`` of ``(parameters, watch)``, imported in workers only."""
    example: Mapping[str, Any]
    """Parameters that validate; documentation and the conformance tests use them."""
    estimate_s: Callable[[P], float] = lambda _: QUICK_SECONDS
    """About how long it takes, seconds of one core."""
    is_interruptible: bool = True
    """Whether its function calls ``watch`` often enough to be stopped; what is not,
    and takes long, runs in a process of its own that can be ended."""
    is_bounded: Callable[[P], bool] = lambda _: True
    """Whether each of its steps surely ends, soon and in order; what may not runs in a
    process of its own, however little time it is taken to need."""

    def fingerprint(self, parameters: Mapping[str, Any]) -> str:
        """Return what is equal for calculations of equal outcome: SHA-256, in hex."""
        work = {
            "calculation": self.name,
            "version": self.version,
            "parameters": parameters,
        }
        text = json.dumps(work, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def is_seeded(self) -> bool:
        """Whether it draws numbers, from a seed among its parameters."""
        return "seed" in self.parameters.model_fields
