"""Values of drawn paths, in the words of their contract."""

from typing import Any

import numpy as np
from scipy.special import ndtri

from db.contracts.calculations import cash_flow as words
from db.contracts.calculations.monte_carlo import (
    DriverFlows,
    Histogram,
    Interval,
    MonteCarloOutcome,
    MonteCarloParameters,
    PathRates,
    Percentile,
    PeriodFlows,
    Tail,
)
from worker.calculations.cash_flow import in_words_of
from worker.calculations.watch import Watch
from worker.finance.monte_carlo.copula import Copula, gaussian_copula
from worker.finance.monte_carlo.distributions import (
    Discrete,
    Lognormal,
    Normal,
    Pert,
    Quantity,
    Triangular,
    Uniform,
    Vector,
)
from worker.finance.monte_carlo.moments import moments_of
from worker.finance.monte_carlo.order_statistics import (
    histogram,
    proportion,
    quantile,
    tail,
)
from worker.finance.monte_carlo.project import DriverProject, PeriodProject, Project
from worker.finance.monte_carlo.simulate import Plan, Simulation, simulate

_INDEPENDENT = (
    "mean: normal approximation; percentiles: order statistics by the binomial"
    " distribution, whatever the paths' own; probability: Clopper-Pearson"
)
_PAIRED = _INDEPENDENT + (
    "; as pairs are independent and paths are not, the error of the mean is that of"
    " means of pairs, and the other intervals are as wide as those of half the paths"
)


def calculate(parameters: MonteCarloParameters, watch: Watch) -> MonteCarloOutcome:
    """Draw paths until there are enough, and sum them up."""
    plan = Plan(
        paths=parameters.paths,
        seed=parameters.seed,
        copula=_copula(parameters),
        is_antithetic=parameters.antithetic,
        with_rates=parameters.irr,
        target_error=parameters.target_standard_error,
        target_relative_error=parameters.target_relative_error,
    )
    with in_words_of(discount_rate="project/discount_rate"):
        simulation = simulate(_project(parameters), plan, watch)
    return _outcome(parameters, simulation)


def _copula(parameters: MonteCarloParameters) -> Copula | None:
    wanted = parameters.correlation
    if wanted is None:
        return None
    with in_words_of():
        return gaussian_copula(tuple(wanted.variables), np.array(wanted.matrix))


def _project(parameters: MonteCarloParameters) -> Project:
    project = parameters.project
    quantities = {name: _quantity(number) for name, number in project.numbers()}
    if isinstance(project, DriverFlows):
        return DriverProject(periods=project.periods, **quantities)
    assert isinstance(project, PeriodFlows)
    return PeriodProject(
        initial_investment=quantities["initial_investment"],
        periods=[_quantity(flow) for flow in project.cash_flows],
        discount_rate=quantities["discount_rate"],
    )


def _quantity(number: Any) -> Quantity:
    match number:
        case words.Normal():
            return Normal(number.mean, number.standard_deviation)
        case words.Lognormal():
            return Lognormal(number.mean, number.standard_deviation)
        case words.Uniform():
            return Uniform(number.low, number.high)
        case words.Triangular():
            return Triangular(number.low, number.mode, number.high)
        case words.Pert():
            return Pert(number.low, number.mode, number.high)
        case words.Discrete():
            return Discrete(tuple(number.values), tuple(number.probabilities))
    return float(number)


def _outcome(
    parameters: MonteCarloParameters, simulation: Simulation
) -> MonteCarloOutcome:
    ordered = np.sort(simulation.values)
    count, level = len(ordered), parameters.confidence
    independent = count // 2 if parameters.antithetic else count
    moments, error = simulation.moments, simulation.standard_error
    width = float(ndtri(0.5 + level / 2)) * error
    edges, counts = histogram(ordered, parameters.bins)
    below = int(np.searchsorted(ordered, 0.0, side="left"))
    loss = proportion(below, count, level=level, independent=independent)
    worst = tail(ordered, parameters.tail_share, independent=independent)
    return MonteCarloOutcome(
        paths=count,
        termination=simulation.termination,
        seed=parameters.seed,
        mean=Interval(
            value=moments.mean, low=moments.mean - width, high=moments.mean + width
        ),
        standard_error=error,
        standard_deviation=moments.deviation,
        skewness=moments.skewness,
        excess_kurtosis=moments.excess_kurtosis,
        minimum=float(ordered[0]),
        maximum=float(ordered[-1]),
        percentiles=_percentiles(parameters, ordered, independent),
        probability_of_loss=Interval(value=loss.value, low=loss.low, high=loss.high),
        tail=Tail(
            share=worst.share,
            value_at_risk=worst.value_at_risk,
            expected_shortfall=worst.shortfall,
            standard_error=worst.standard_error,
        ),
        histogram=Histogram(edges=edges, counts=counts),
        irr=_rates(parameters, simulation) if parameters.irr else None,
        intervals=_PAIRED if parameters.antithetic else _INDEPENDENT,
    )


def _rates(parameters: MonteCarloParameters, simulation: Simulation) -> PathRates:
    ordered = np.sort(simulation.rates)
    moments = moments_of(ordered) if len(ordered) else None
    independent = len(ordered) // 2 if parameters.antithetic else len(ordered)
    return PathRates(
        paths_with_one_rate=len(ordered),
        paths_without_rate=simulation.without_rate,
        paths_with_several_signs=simulation.with_several_rates,
        mean=moments.mean if moments else None,
        standard_deviation=moments.deviation if moments else None,
        percentiles=_percentiles(parameters, ordered, independent),
    )


def _percentiles(
    parameters: MonteCarloParameters, ordered: Vector, independent: int
) -> list[Percentile]:
    if independent < 1:
        return []
    told = []
    for percentile in parameters.percentiles:
        found = quantile(
            ordered,
            percentile / 100,
            level=parameters.confidence,
            independent=independent,
        )
        told.append(
            Percentile(
                percentile=percentile,
                value=found.value,
                low=found.low,
                high=found.high,
            )
        )
    return told
