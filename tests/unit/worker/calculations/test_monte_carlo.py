from typing import Any

import orjson
import pytest

from api.body import parse
from db.contracts.calculations.monte_carlo import (
    MONTE_CARLO,
    MonteCarloOutcome,
    MonteCarloParameters,
)
from db.contracts.errors import InvalidInputError
from worker.calculations.monte_carlo import calculate

NORMAL = {"distribution": "normal", "mean": 300, "standard_deviation": 60}
PERIODS = {
    "model": "periods",
    "cash_flows": [NORMAL, NORMAL, 250],
    "initial_investment": 600,
}


def drawn(**distribution: Any) -> dict[str, Any]:
    return {"project": {**PERIODS, "cash_flows": [distribution]}}


def correlated(names: list[str], matrix: list[list[float]]) -> dict[str, Any]:
    return {"correlation": {"variables": names, "matrix": matrix}}


def ask(**content: Any) -> MonteCarloOutcome:
    parameters = parse(MonteCarloParameters, orjson.dumps(content))
    return calculate(parameters, lambda _, message="": True)


def test_the_outcome_is_of_one_piece() -> None:
    outcome = ask(**MONTE_CARLO.example)
    assert outcome.paths == sum(outcome.histogram.counts) == 20_000
    assert outcome.mean.low is not None
    assert outcome.mean.high is not None
    assert outcome.mean.low < outcome.mean.value < outcome.mean.high
    values = [each.value for each in outcome.percentiles]
    assert values == sorted(values)
    assert outcome.minimum <= outcome.tail.expected_shortfall
    assert outcome.tail.expected_shortfall <= outcome.tail.value_at_risk
    assert MonteCarloOutcome.model_validate_json(outcome.model_dump_json()) == outcome


@pytest.mark.parametrize(
    "number",
    [
        {"distribution": "lognormal", "mean": 300, "standard_deviation": 60},
        {"distribution": "uniform", "low": 200, "high": 400},
        {"distribution": "triangular", "low": 200, "mode": 300, "high": 400},
        {"distribution": "pert", "low": 200, "mode": 300, "high": 400},
        {"distribution": "discrete", "values": [200, 400], "probabilities": [0.5, 0.5]},
    ],
    ids=lambda each: each["distribution"],
)
def test_each_distribution_has_its_mean(number: dict[str, Any]) -> None:
    project = {"model": "periods", "cash_flows": [number], "discount_rate": 0}
    outcome = ask(project=project, paths=10_000)
    assert abs(outcome.mean.value - 300) < 5 * outcome.standard_error
    assert outcome.minimum < 300 < outcome.maximum


def test_known_numbers_leave_nothing_to_chance() -> None:
    project = {"model": "periods", "cash_flows": [110.0], "initial_investment": 100}
    outcome = ask(project=project, paths=1000, irr=True)
    assert outcome.standard_deviation == 0
    assert outcome.mean.value == pytest.approx(0, abs=1e-12)
    assert outcome.skewness is None
    assert outcome.irr is not None
    assert outcome.irr.mean == pytest.approx(0.1)


@pytest.mark.parametrize("number", [100.0, NORMAL])
@pytest.mark.parametrize("antithetic", [False, True])
def test_pairs_and_rates_go_together(number: Any, antithetic: bool) -> None:
    project = {**PERIODS, "cash_flows": [number, 200, 300]}
    outcome = ask(project=project, paths=2000, irr=True, antithetic=antithetic)
    assert outcome.irr is not None
    assert outcome.irr.paths_with_one_rate > 1900
    assert ("pairs" in outcome.intervals) is antithetic


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"paths": 10}, "#/paths"),
        (
            drawn(distribution="triangular", low=1, mode=3, high=2),
            "#/project/cash_flows/0/mode",
        ),
        (
            drawn(distribution="discrete", values=[1], probabilities=[0.5]),
            "#/project/cash_flows/0/probabilities",
        ),
        (
            drawn(distribution="discrete", values=[1], probabilities=[0.5, 0.5]),
            "#/project/cash_flows/0/probabilities",
        ),
        (drawn(distribution="cauchy"), "#/project/cash_flows/0"),
        (correlated(["flow_1", "flow_1"], [[1, 0], [0, 1]]), "#/correlation/variables"),
        (correlated(["flow_1", "flow_2"], [[1, 0]]), "#/correlation/matrix"),
        (
            correlated(["flow_1", "flow_2"], [[1, 0], [0.5, 1]]),
            "#/correlation/matrix/1/0",
        ),
        ({"paths": 10**8}, "#/paths"),
        ({"paths": 1001, "antithetic": True}, "#/paths"),
        ({"percentiles": [0]}, "#/percentiles/0"),
        ({"project": {"model": "periods"}}, "#/project/cash_flows"),
        ({"project": {**PERIODS, "cash_flows": []}}, "#/project/cash_flows"),
        ({"project": {**PERIODS, "cash_flows": ["1"]}}, "#/project/cash_flows/0"),
        (
            {"project": {**PERIODS, "cash_flows": [{**NORMAL, "mean": "much"}]}},
            "#/project/cash_flows/0/mean",
        ),
        (
            {
                "project": {
                    **PERIODS,
                    "cash_flows": [{"distribution": "uniform", "low": 2, "high": 1}],
                }
            },
            "#/project/cash_flows/0/low",
        ),
        (
            {
                "correlation": {
                    "variables": ["flow_1", "flow_3"],
                    "matrix": [[1, 0]] * 2,
                }
            },
            "#/correlation/matrix/1/1",
        ),
        (
            {
                "correlation": {
                    "variables": ["flow_1", "flow_3"],
                    "matrix": [[1, 0], [0, 1]],
                }
            },
            "#/correlation/variables/1",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(change: Any, pointer: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        ask(**{"project": PERIODS, **change})
    problem = refused.value.problems[0]
    assert problem.pointer == pointer
    assert problem.suggestion


def test_an_impossible_correlation_comes_with_a_possible_one() -> None:
    project = {**PERIODS, "cash_flows": [NORMAL] * 3}
    r = 0.9
    correlation = {
        "variables": ["flow_1", "flow_2", "flow_3"],
        "matrix": [[1, r, -r], [r, 1, r], [-r, r, 1]],
    }
    with pytest.raises(InvalidInputError) as refused:
        ask(project=project, correlation=correlation)
    problem = refused.value.problems[0]
    assert problem.pointer == "#/correlation/matrix"
    assert problem.suggestion is not None
    # Its least eigenvalue is 1 - 2 r: half of 1/r is possible.
    assert "0.555" in problem.suggestion
    r = 0.9 * 0.555
    correlation["matrix"] = [[1, r, -r], [r, 1, r], [-r, r, 1]]
    assert ask(project=project, correlation=correlation, paths=1000).paths == 1000


def test_a_rate_that_falls_to_minus_1_is_refused_where_it_is_drawn() -> None:
    rate = {"distribution": "normal", "mean": 0.1, "standard_deviation": 2}
    with pytest.raises(InvalidInputError) as refused:
        ask(project={**PERIODS, "discount_rate": rate}, paths=1000)
    assert refused.value.problems[0].pointer == "#/project/discount_rate"


def test_told_to_stop_it_shows_wider_intervals() -> None:
    parameters = parse(
        MonteCarloParameters, orjson.dumps({"project": PERIODS, "paths": 100_000})
    )
    whole = calculate(parameters, lambda _, message="": True)
    part = calculate(parameters, lambda fraction, message="": fraction < 0.2)
    assert part.termination == "stopped"
    assert part.paths < 40_000
    assert part.standard_error > whole.standard_error
