"""Thresholds as their owners send them and see them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.schedule import Name
from db.contracts.json_pointer import POINTER
from db.contracts.kinds.solve import Strict
from db.contracts.notification import Level
from db.contracts.threshold import Condition, ThresholdState

MAX_COOLDOWN_S = 30 * 86_400
COOLDOWN_S = 60.0
Watches = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[a-z_]+:[a-z0-9_]+$")
]
PointerText = Annotated[
    str, Field(min_length=1, max_length=500, pattern=f"^{POINTER.pattern}$")
]
ConditionName = Literal["above", "below", "outside", "change_by"]
LevelName = Literal["info", "success", "warning", "error"]
Limit = Annotated[float, Field(ge=-1e300, le=1e300)]
Distance = Annotated[float, Field(ge=0, le=1e300)]
Cooldown = Annotated[float, Field(ge=0, le=MAX_COOLDOWN_S)]


class ThresholdInput(Strict):
    """A number that you want to be notified of."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "dear money",
                    "watches": "market:discount_rate",
                    "condition": "above",
                    "value": 0.08,
                    "hysteresis": 0.002,
                },
                {
                    "name": "our project",
                    "watches": "calculation:live_0198c0ffee0070008000000000000001",
                    "pointer": "/npv",
                    "condition": "outside",
                    "low": 0,
                    "high": 50000,
                    "level": "error",
                },
            ]
        }
    )

    name: Name
    watches: Watches
    """``market:`` and a field of the market feed, or ``calculation:`` and the id of a
    live calculation of yours."""
    pointer: PointerText | None = None
    """Of a calculation: where in its outcome the number is (RFC 6901)."""
    condition: ConditionName
    """``above`` or ``below`` the value; ``outside`` low to high; ``change_by`` the
    value or more since that was told last."""
    value: Limit | None = None
    low: Limit | None = None
    high: Limit | None = None
    hysteresis: Distance = 0.0
    """How far within its limit the number has to be before it can be told again."""
    cooldown_s: Cooldown = COOLDOWN_S
    """It is told no sooner than this after it was told before."""
    level: LevelName = "warning"
    """Of the notification; that of the end of an excursion is ``info``."""
    enabled: bool = True


class ThresholdPatch(BaseModel):
    """What is to be changed; a field that is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"value": 0.09}, {"name": "dearer money"}]},
    )

    # Made, not given: no default is published that could not be sent.
    name: Name = Field(default_factory=str)
    watches: Watches = Field(default_factory=str)
    pointer: PointerText | None = None
    condition: ConditionName = Field(default_factory=lambda: "above")
    value: Limit | None = None
    low: Limit | None = None
    high: Limit | None = None
    hysteresis: Distance = 0.0
    cooldown_s: Cooldown = COOLDOWN_S
    level: LevelName = "warning"


class ThresholdLinks(BaseModel):
    """Where to go from here."""

    self: str
    enable: str
    disable: str
    notifications: str


class ThresholdView(BaseModel):
    """A threshold, and how it stands."""

    id: str
    name: str
    watches: str
    pointer: str | None
    condition: Condition
    value: float | None
    low: float | None
    high: float | None
    hysteresis: float
    cooldown_s: float
    level: Level
    enabled: bool
    state: ThresholdState
    """``raised`` in an excursion that was told; ``muted`` in one that was not, for the
    one before was told within ``cooldown_s``."""
    last_value: float | None
    reference: float | None
    """Of ``change_by``: what the change is measured from."""
    judged_at: str | None
    """The moment of the last value."""
    missed_at: str | None
    """When there was no number where it looks for one, last."""
    raised_at: str | None
    resolved_at: str | None
    raises: int
    suppressed: int
    """Excursions that began within the cooldown."""
    created_at: str
    updated_at: str
    links: ThresholdLinks


class ThresholdPage(BaseModel):
    """Thresholds, newest first. An empty ``next`` is the end, nothing else is."""

    items: list[ThresholdView]
    next: str
