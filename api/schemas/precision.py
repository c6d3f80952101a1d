"""The shapes of the earlier precision calculator."""

from pydantic import BaseModel, ConfigDict, Field

from db.contracts.kinds.calculate import Metadata


class CalculateInput(BaseModel):
    """One value at which a function is wanted."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"input_value": 3.14159, "precision_level": 6}]
        },
    )

    input_value: float = Field(allow_inf_nan=False)
    """``x``; the exact value of this float."""
    precision_level: int = Field(6, ge=1, le=15)
    """How many significant digits of the result are asked for."""
    expression: str | None = Field(None, min_length=1, max_length=2000)
    """What of ``x``; without it sin(x)*exp(-x**2/2). More digits, more variables and
    tables are at ``/v1/calculations``."""
    metadata: Metadata | None = None
    """Anything you want back."""


class Calculated(BaseModel):
    """What it came to."""

    calculation_id: str
    """Of the job that calculated it: ``/v1/jobs/{calculation_id}``."""
    input_value: float
    precision_result: float
    """Rounded to as many significant digits as were asked for."""
    precision_level: int
    timestamp: str
    processing_time_ms: float
    """Of the calculation itself, without waiting."""
    metadata: Metadata | None
    cached: bool
    """Whether equal work had been done."""
    value: str
    """The same as a decimal."""
    error_bound: str
    """It is no farther than this from the true value."""
    certainty: str
    """What is known of the last digit."""
    algorithm: str
    terms: int | None = None
    """Of the series, where one was summed."""
    working_bits: int
    second_algorithm: str | None
    """Another one, which came to the same."""


class CalculatorHealth(BaseModel):
    """How the calculator is."""

    status: str
    timestamp: str
    version: str
    cache_mode: str
    """``redis``, or ``sqlite`` while Redis is away and the record itself is asked."""
    active_connections: int
