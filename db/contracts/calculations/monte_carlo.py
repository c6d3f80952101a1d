"""The net present value of a cash flow whose numbers are uncertain."""

from collections.abc import Iterator
from math import floor
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from db.contracts.calculations.calculation import (
    Calculation,
    Outcome,
    Parameters,
    Words,
)
from db.contracts.calculations.cash_flow import (
    Amount,
    Cost,
    Distribution,
    Pert,
    Rate,
    refuse,
    shrinking_factor,
)

MAX_PATHS = 10_000_000
MAX_PERIODS = 1_000
MAX_CORRELATED = 50


def _kind(value: Any) -> str:
    return "drawn" if isinstance(value, dict | Words) else "number"


_Drawn = Annotated[Distribution, Tag("drawn")]
AmountOrDrawn = Annotated[
    Annotated[Amount, Tag("number")] | _Drawn, Discriminator(_kind)
]
CostOrDrawn = Annotated[Annotated[Cost, Tag("number")] | _Drawn, Discriminator(_kind)]
RateOrDrawn = Annotated[Annotated[Rate, Tag("number")] | _Drawn, Discriminator(_kind)]


class PeriodFlows(Words):
    """Each period's flow is a number of its own, known or drawn.

    Their names, for correlations: initial_investment, flow_1, flow_2 and so on,
    discount_rate.
    """

    model: Literal["periods"]
    cash_flows: Annotated[
        list[AmountOrDrawn],
        Field(min_length=1, max_length=MAX_PERIODS),
    ]
    """At the ends of periods 1, 2, …"""
    initial_investment: CostOrDrawn = 0.0
    """Paid at once, as a positive number."""
    discount_rate: RateOrDrawn = 0.1
    """Of one period; drawn once a path."""

    def numbers(self) -> Iterator[tuple[str, Any]]:
        """Return every number by its name."""
        yield "initial_investment", self.initial_investment
        for period, flow in enumerate(self.cash_flows, 1):
            yield f"flow_{period}", flow
        yield "discount_rate", self.discount_rate


class DriverFlows(Words):
    """A product that is sold: drivers are drawn once a path.

    The flow at the end of period t is ((price - unit_cost) x volume x
    (1 + growth)^(t - 1) - fixed_cost) x (1 - tax_rate), with the salvage value in the
    last.
    """

    model: Literal["drivers"]
    periods: Annotated[int, Field(strict=True, ge=1, le=MAX_PERIODS)]
    """How many."""
    volume: AmountOrDrawn
    """Sold in period 1."""
    price: AmountOrDrawn
    """Of one."""
    unit_cost: AmountOrDrawn = 0.0
    """Of one."""
    fixed_cost: AmountOrDrawn = 0.0
    """Of one period."""
    growth: RateOrDrawn = 0.0
    """Of the volume, from one period to the next."""
    tax_rate: RateOrDrawn = 0.0
    """On the flow; a loss is taxed negatively."""
    salvage: AmountOrDrawn = 0.0
    """What is left in the end."""
    initial_investment: CostOrDrawn = 0.0
    """Paid at once, as a positive number."""
    discount_rate: RateOrDrawn = 0.1
    """Of one period; drawn once a path."""

    def numbers(self) -> Iterator[tuple[str, Any]]:
        """Return every number by its name."""
        for name in type(self).model_fields:
            if name not in ("model", "periods"):
                yield name, getattr(self, name)


class Correlation(Words):
    """How the drawn numbers depend on each other: a Gaussian copula."""

    variables: Annotated[list[str], Field(min_length=2, max_length=MAX_CORRELATED)]
    """Names of numbers that are drawn."""
    matrix: list[list[Annotated[float, Field(strict=True, ge=-1, le=1)]]]
    """Of the normals below the draws: a row and a column for each, with a diagonal of
    1, positive semidefinite. Spearman's correlation of the draws is
    6/pi x arcsin(rho / 2)."""

    @model_validator(mode="after")
    def _is_a_correlation(self) -> Self:
        size = len(self.variables)
        if len(set(self.variables)) < size:
            refuse("a name stands twice", ("variables",), "Name each once.")
        if len(self.matrix) != size or any(len(row) != size for row in self.matrix):
            refuse(
                "not a row and a column for each variable",
                ("matrix",),
                f"Send {size} rows of {size}.",
            )
        for i, row in enumerate(self.matrix):
            if row[i] != 1:
                refuse("the diagonal is not 1", ("matrix", i, i), "Put 1 there.")
            for j in range(i):
                if row[j] != self.matrix[j][i]:
                    refuse(
                        "the matrix is not symmetric",
                        ("matrix", i, j),
                        f"Send the same in row {j}, column {i}.",
                    )
        factor = floor(1000 * shrinking_factor(self.matrix)) / 1000
        if factor < 1:
            refuse(
                "the matrix is not positive semidefinite: no numbers are correlated so",
                ("matrix",),
                f"Multiply what is off the diagonal by at most {factor}.",
            )
        return self


class MonteCarloParameters(Parameters):
    """What is drawn, how often, and what is asked of the results."""

    project: Annotated[PeriodFlows | DriverFlows, Field(discriminator="model")]
    """The cash flow, with numbers or distributions."""
    correlation: Correlation | None = None
    """Null: all are independent."""
    paths: Annotated[int, Field(strict=True, ge=1_000, le=MAX_PATHS)] = 100_000
    """At most so many; 8 bytes of memory each, 16 with `irr`."""
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**63)] = 0
    """Equal seeds give equal results."""
    antithetic: bool = False
    """Draw in mirrored pairs: less error where value rises or falls with each draw."""
    irr: bool = False
    """Whether to find each path's internal rate too; takes ten times as long."""
    confidence: Annotated[float, Field(strict=True, ge=0.5, le=0.9999)] = 0.95
    """Of each interval by itself."""
    percentiles: Annotated[
        list[Annotated[float, Field(strict=True, gt=0, lt=100)]],
        Field(max_length=50),
    ] = [1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0]
    """Which to tell."""
    tail_share: Annotated[float, Field(strict=True, gt=0, le=0.5)] = 0.05
    """Of the worst paths, whose mean is the expected shortfall."""
    bins: Annotated[int, Field(strict=True, ge=1, le=200)] = 40
    """Of the histogram."""
    target_standard_error: Annotated[float, Field(strict=True, gt=0)] | None = None
    """Stop once the mean's standard error is as small."""
    target_relative_error: Annotated[float, Field(strict=True, gt=0)] | None = None
    """Stop once it is as small a part of the mean."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        drawn = [n for n, number in self.project.numbers() if isinstance(number, Words)]
        names = self.correlation.variables if self.correlation else []
        for position, name in enumerate(names):
            if name not in drawn:
                refuse(
                    "no number of that name is drawn",
                    ("correlation", "variables", position),
                    f"Choose of {', '.join(drawn[:10]) or 'those with distributions'}.",
                )
        if self.antithetic and self.paths % 2:
            refuse("half a pair", ("paths",), "Ask for an even number of paths.")
        return self


class Interval(Words):
    """An estimate, and where the true number lies with the confidence asked."""

    value: float
    low: float | None
    """Null where so few paths bound nothing."""
    high: float | None


class Percentile(Interval):
    """A percentile of the paths."""

    percentile: float


class Histogram(Words):
    """Bins of equal width."""

    edges: list[float]
    """One more than counts."""
    counts: list[int]


class Tail(Words):
    """The worst paths."""

    share: float
    value_at_risk: float
    """The value at which they end."""
    expected_shortfall: float
    """Their mean (CVaR)."""
    standard_error: float
    """Of that mean."""


class PathRates(Words):
    """Internal rates of those paths that have just one."""

    paths_with_one_rate: int
    paths_without_rate: int
    """All flows of one sign, or a rate beyond all measure."""
    paths_with_several_signs: int
    """More than one change of sign: left out, for they may have several rates."""
    mean: float | None
    standard_deviation: float | None
    percentiles: list[Percentile]


class MonteCarloOutcome(Outcome):
    """What the paths come to, with the error of having drawn only so many."""

    paths: int
    """Drawn."""
    termination: Literal["paths", "standard_error", "stopped"]
    """All were drawn, the error was small enough, or time was up."""
    seed: int
    mean: Interval
    """Of the net present value; normal approximation."""
    standard_error: float
    """Of the mean."""
    standard_deviation: float
    skewness: float | None
    """Null where all paths are equal."""
    excess_kurtosis: float | None
    minimum: float
    maximum: float
    percentiles: list[Percentile]
    """Exact order statistics; intervals assume no distribution."""
    probability_of_loss: Interval
    """Of a net present value below 0 (Clopper-Pearson)."""
    tail: Tail
    histogram: Histogram
    irr: PathRates | None
    """Null unless asked for."""
    intervals: str
    """How they were found."""


def _estimate_s(parameters: MonteCarloParameters) -> float:
    project, correlation = parameters.project, parameters.correlation
    numbers = dict(project.numbers())
    mapped = set(correlation.variables) if correlation else set()
    if parameters.antithetic:
        mapped = set(numbers)
    # Quantiles of a beta distribution are found by iteration.
    dear = sum(isinstance(numbers[name], Pert) for name in mapped)
    periods = getattr(project, "periods", 0)
    each = 1e-7 + max(len(numbers), periods) * 4e-8 + dear * 1.5e-6
    if parameters.irr:
        each += max(len(numbers), periods) * 4e-7
    return parameters.paths * each


MONTE_CARLO = Calculation(
    name="monte_carlo",
    version="1",
    summary="Net present value and its risk, from up to ten million drawn paths.",
    topic="finance",
    parameters=MonteCarloParameters,
    outcome=MonteCarloOutcome,
    function="worker.calculations.monte_carlo:calculate",
    estimate_s=_estimate_s,
    example={
        "project": {
            "model": "drivers",
            "periods": 5,
            "initial_investment": 50000,
            "volume": {
                "distribution": "triangular",
                "low": 800,
                "mode": 1000,
                "high": 1300,
            },
            "price": {"distribution": "normal", "mean": 50, "standard_deviation": 4},
            "unit_cost": {"distribution": "uniform", "low": 28, "high": 34},
            "growth": {"distribution": "pert", "low": -0.05, "mode": 0.03, "high": 0.1},
            "tax_rate": 0.25,
            "discount_rate": 0.1,
        },
        "correlation": {
            "variables": ["volume", "price"],
            "matrix": [[1, -0.4], [-0.4, 1]],
        },
        "paths": 20000,
        "seed": 7,
    },
)
