"""How much a result moves with each of the numbers that it is made of."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from db.contracts.calculations.calculation import (
    Calculation,
    Outcome,
    Parameters,
    Words,
)
from db.contracts.calculations.cash_flow import refuse
from db.contracts.calculations.comprehensive_roi import ComprehensiveRoiParameters
from db.contracts.calculations.irr import IrrParameters
from db.contracts.calculations.npv import NpvParameters
from db.contracts.calculations.profitability_index import ProfitabilityIndexParameters

MAX_DRIVERS = 100
Finite = Annotated[float, Field(strict=True, ge=-1e30, le=1e30)]


class NpvCase(Words):
    """A net present value: `npv_unrounded`."""

    calculation: Literal["npv"]
    parameters: NpvParameters


class IrrCase(Words):
    """An internal rate of return: `irr_unrounded`."""

    calculation: Literal["irr"]
    parameters: IrrParameters


class ProfitabilityIndexCase(Words):
    """A profitability index: `profitability_index_unrounded`."""

    calculation: Literal["profitability_index"]
    parameters: ProfitabilityIndexParameters


class ComprehensiveRoiCase(Words):
    """An investment's net present value: `npv_unrounded`."""

    calculation: Literal["comprehensive_roi"]
    parameters: ComprehensiveRoiParameters


AnyCase = NpvCase | IrrCase | ProfitabilityIndexCase | ComprehensiveRoiCase
Case = Annotated[AnyCase, Field(discriminator="calculation")]


class Driver(Words):
    """A number of the case, and between what it is varied, alone."""

    name: str = Field(min_length=1, max_length=64)
    """A parameter that is a number, or a list of them: then all are multiplied, and
    `low` and `high` are factors; or one of them by `index`."""
    index: Annotated[int, Field(strict=True, ge=0, lt=10_000)] | None = None
    """Which entry of a list, from 0."""
    low: Finite | None = None
    high: Finite | None = None
    """Instead of `swing`: both."""
    swing: Annotated[float, Field(strict=True, gt=0, le=10)] | None = None
    """Of the value as it is: 0.2 is from -20 % to +20 %. 0.1 if nothing is told."""

    def base(self, case: Mapping[str, Any]) -> float:
        """Return the value as it is; 1 for a whole list."""
        value = case[self.name]
        if isinstance(value, list):
            return 1.0 if self.index is None else float(value[self.index])
        return float(value)

    def ends(self, case: Mapping[str, Any]) -> tuple[float, float]:
        """Return the lower and the higher value."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        base = self.base(case)
        part = abs(base) * (0.1 if self.swing is None else self.swing)
        return base - part, base + part

    def applied(self, case: Mapping[str, Any], value: float) -> dict[str, Any]:
        """Return what becomes of the parameter."""
        old = case[self.name]
        if not isinstance(old, list):
            return {self.name: value}
        if self.index is None:
            return {self.name: [value * each for each in old]}
        return {self.name: [*old[: self.index], value, *old[self.index + 1 :]]}


class SensitivityParameters(Parameters):
    """A case, and the numbers in it that are doubtful."""

    base: Case
    """A calculation with its parameters."""
    drivers: Annotated[list[Driver], Field(min_length=1, max_length=MAX_DRIVERS)]
    """Varied one at a time."""
    target: Finite | None = None
    """Where a driver breaks even: the result that is looked for. 0, and 1 for a
    profitability index, if nothing is told."""

    @model_validator(mode="after")
    def _drivers_fit(self) -> Self:
        case = self.base.parameters.model_dump()
        for position, driver in enumerate(self.drivers):
            _check_driver(driver, case, ("drivers", position))
            for value in driver.ends(case):
                check_override(
                    self.base,
                    driver.applied(case, value),
                    path=("drivers", position),
                    suggestion="Vary it less: send low and high, or a smaller swing.",
                )
        return self


def _check_driver(
    driver: Driver, case: Mapping[str, Any], path: tuple[str | int, ...]
) -> None:
    value = case.get(driver.name)
    is_list = isinstance(value, list)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number and not (is_list and value):
        numeric = [n for n, v in case.items() if isinstance(v, int | float | list)]
        refuse(
            "no number of the case has that name",
            (*path, "name"),
            f"Choose one of {', '.join(numeric)}.",
        )
    if driver.index is not None and not (is_list and driver.index < len(value or ())):
        refuse("there is no such entry", (*path, "index"), "Count entries from 0.")
    has_ends = driver.low is not None and driver.high is not None
    if has_ends != (driver.low is not None or driver.high is not None):
        refuse("one end is missing", path, "Send low and high, or a swing.")
    if has_ends and driver.swing is not None:
        refuse("both ends and a swing", path, "Send low and high, or a swing.")
    low, high = driver.ends(case)
    if not low < high:
        refuse(
            "the ends are not in order, or the value is 0",
            path,
            "Send low below high; a swing of 0 is nothing.",
        )


def check_override(
    case: AnyCase,
    changes: Mapping[str, Any],
    *,
    path: tuple[str | int, ...],
    suggestion: str | None = None,
) -> None:
    """Refuse changes after which the case could not be calculated."""
    model = type(case.parameters)
    try:
        model.model_validate({**case.parameters.model_dump(), **changes}, strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        known = ", ".join(model.model_fields)
        if found["type"] == "extra_forbidden":
            suggestion = f"Choose of {known}."
        refuse(found["msg"], path, suggestion or "Correct the value.")


class Bar(Words):
    """One driver's part in the tornado."""

    name: str
    index: int | None
    base: float
    """The driver as it is; 1 for a whole list, which is multiplied."""
    low: float
    high: float
    at_low: float | None
    """The result there; null if there is none."""
    at_high: float | None
    swing: float | None
    """How far apart the results are."""
    elasticity: float | None
    """Arc elasticity: relative change of the result by relative change of the driver,
    from `low` to `high`, each relative to the base; null if a base is 0."""
    breakeven: float | None
    """The value nearest to the base at which the result is the target; null if none
    was found."""


class SensitivityOutcome(Outcome):
    """The tornado: the widest bar first."""

    base_value: float | None
    """The result of the case as it is."""
    target: float
    bars: list[Bar]
    is_complete: bool
    """Whether every driver was looked at, or time was up."""


def _driver_s(case: AnyCase) -> float:
    parameters = case.parameters
    if isinstance(parameters, ComprehensiveRoiParameters):
        flows = parameters.annual_cash_flows
    else:
        flows = parameters.cash_flows
    # A breakeven takes up to 130 evaluations.
    return 130 * (3e-5 + 3e-6 * len(flows))


SENSITIVITY = Calculation(
    name="sensitivity",
    version="1",
    summary="How far a result moves with each driver, one at a time (tornado).",
    topic="finance",
    parameters=SensitivityParameters,
    outcome=SensitivityOutcome,
    function="worker.calculations.sensitivity:calculate",
    estimate_s=lambda parameters: len(parameters.drivers) * _driver_s(parameters.base),
    example={
        "base": {
            "calculation": "npv",
            "parameters": {
                "cash_flows": [100000, 120000, 140000, 160000, 180000],
                "discount_rate": 0.1,
                "initial_investment": 500000,
            },
        },
        "drivers": [
            {"name": "discount_rate", "low": 0.08, "high": 0.12},
            {"name": "initial_investment", "swing": 0.1},
            {"name": "cash_flows", "swing": 0.1},
            {"name": "cash_flows", "index": 4, "swing": 0.2},
        ],
    },
)
