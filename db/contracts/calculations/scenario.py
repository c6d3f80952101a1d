"""What a result comes to in each of several stories about the future."""

from math import fsum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from db.contracts.calculations.calculation import (
    Calculation,
    Outcome,
    Parameters,
    Words,
)
from db.contracts.calculations.cash_flow import refuse
from db.contracts.calculations.sensitivity import Case, check_override

MAX_SCENARIOS = 1_000


class Scenario(Words):
    """A story: what it changes, and how likely it is."""

    name: str = Field(min_length=1, max_length=100)
    overrides: dict[str, Any] = Field(default_factory=dict, max_length=20)
    """Parameters of the case that have other values in it."""
    probability: Annotated[float, Field(strict=True, ge=0, le=1)] | None = None
    """For all scenarios or for none; together 1."""


class ScenarioParameters(Parameters):
    """A case, and stories about it."""

    base: Case
    """A calculation with its parameters."""
    scenarios: Annotated[list[Scenario], Field(min_length=1, max_length=MAX_SCENARIOS)]
    """Each with its own name."""

    @model_validator(mode="after")
    def _scenarios_fit(self) -> Self:
        names: set[str] = set()
        for position, scenario in enumerate(self.scenarios):
            path: tuple[str | int, ...] = ("scenarios", position)
            if scenario.name in names:
                refuse("the name is taken", (*path, "name"), "Name each its own.")
            names.add(scenario.name)
            for name, value in scenario.overrides.items():
                check_override(
                    self.base, {name: value}, path=(*path, "overrides", name)
                )
            check_override(self.base, scenario.overrides, path=(*path, "overrides"))
        told = [s.probability for s in self.scenarios if s.probability is not None]
        if told and len(told) < len(self.scenarios):
            refuse("some have no probability", ("scenarios",), "Tell all, or none.")
        if told and abs(fsum(told) - 1) > 1e-9:
            refuse(
                f"the probabilities sum to {fsum(told):.9g}",
                ("scenarios",),
                "Make their sum 1.",
            )
        return self


class ScenarioValue(Words):
    """What one story comes to."""

    name: str
    value: float | None
    """Null where the case has no result in it, as an irr may."""
    difference: float | None
    """To the case as it is."""
    probability: float | None


class ScenarioOutcome(Outcome):
    """All stories, and what they come to together."""

    base_value: float | None
    """The result of the case as it is."""
    scenarios: list[ScenarioValue]
    """In the order sent."""
    expected_value: float | None
    """By the probabilities; null without them, or where a story has no result."""
    standard_deviation: float | None
    """By the probabilities, of the stories themselves: not of a sample."""
    probability_below_0: float | None
    worst: str | None
    """The name of the scenario with the lowest result."""
    best: str | None
    is_complete: bool
    """Whether every scenario was calculated, or time was up."""


SCENARIO = Calculation(
    name="scenario",
    version="1",
    summary="A result in each of several scenarios, with expectation and deviation.",
    topic="finance",
    parameters=ScenarioParameters,
    outcome=ScenarioOutcome,
    function="worker.calculations.scenario:calculate",
    estimate_s=lambda parameters: 0.001 * len(parameters.scenarios),
    example={
        "base": {
            "calculation": "npv",
            "parameters": {
                "cash_flows": [100000, 120000, 140000, 160000, 180000],
                "discount_rate": 0.1,
                "initial_investment": 500000,
            },
        },
        "scenarios": [
            {"name": "as planned", "probability": 0.5},
            {
                "name": "slow start",
                "overrides": {"cash_flows": [40000, 80000, 140000, 160000, 180000]},
                "probability": 0.3,
            },
            {
                "name": "dear money",
                "overrides": {"discount_rate": 0.14},
                "probability": 0.2,
            },
        ],
    },
)
