"""Calculations as callers ask for them, and as the catalogue shows them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.job import MAX_PRIORITY_S, MAX_URL_LENGTH, MilestoneNames, Secret
from db.contracts.job_state import JobState
from db.contracts.kinds.calculate import DEFAULT_SECONDS, MAX_SECONDS, Metadata


class CalculationOptions(BaseModel):
    """How a calculation is to be done, whichever it is."""

    model_config = ConfigDict(extra="forbid")

    time_s: float = Field(DEFAULT_SECONDS, gt=0, le=MAX_SECONDS)
    """Seconds after which it stops with what it has."""
    deadline_s: float | None = Field(None, gt=0, le=30 * 86_400)
    """Seconds from acceptance: never started, it expires; running, it stops."""
    cache: bool = True
    """Whether the outcome of equal work will do; false calculates anew."""
    notify: bool = False
    """Whether its end is to be among your notifications."""
    metadata: Metadata | None = None
    """Anything you want back."""
    priority_s: float = Field(0.0, ge=0, le=MAX_PRIORITY_S)
    """Taken as if it had been sent so many seconds earlier."""
    webhook_url: str | None = Field(None, min_length=1, max_length=MAX_URL_LENGTH)
    """Told of the job's end, signed to Standard Webhooks."""
    webhook_secret: Secret | None = None
    """Signs what is sent; without it one is made and shown once, in the answer."""
    webhook_events_filter: MilestoneNames | None = None
    """Which of its events are told, in place of its end."""


class CalculationSubmission(CalculationOptions):
    """Ask for one calculation."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "parameters": {
                        "cash_flows": [100000, 120000, 140000, 160000, 180000],
                        "discount_rate": 0.1,
                        "initial_investment": 500000,
                    }
                }
            ]
        }
    )

    parameters: dict[str, Any]
    """As ``GET /v1/calculations/{name}`` describes them."""


class ScheduledCalculation(CalculationSubmission):
    """The same in a schedule, which has to say which calculation it is."""

    calculation: str = Field(min_length=1, max_length=64)
    """One of ``/v1/calculations``."""


class CalculationView(BaseModel):
    """One calculation that is offered."""

    name: str
    version: str
    topic: str
    summary: str
    example: dict[str, Any]
    """Parameters that work."""
    parameters: dict[str, Any]
    """Their JSON Schema."""
    outcome: dict[str, Any]
    """The JSON Schema of what comes out."""
    submit: str
    """Where it is asked for."""


class CalculationPage(BaseModel):
    """All that are offered."""

    items: list[CalculationView]


class OutcomeView(BaseModel):
    """What a calculation came to."""

    final: bool
    state: JobState
    calculation: str
    version: str
    outcome: dict[str, Any] | None
    """In the calculation's own shape; null where it was stopped too early."""
    elapsed_s: float
    """Seconds of calculating."""
