from typing import Any

import numpy as np
import orjson
import pytest

from api.body import parse
from db.contracts.calculations import CALCULATIONS
from db.contracts.errors import InputProblem, InvalidInputError
from worker.calculations.cash_flow import in_words_of
from worker.finance.exceptions import FlowError
from worker.handler import load_function

EXTREMES = [0.0, 5e-324, 1e-300, 1e-30, 0.1, 1.0, 1e30, -1e30, -1.0, -5e-324]
RATES = [-0.9999999999999999, -0.99, -0.5, 0.0, 1e-300, 0.1, 1e6]
OF_FLOWS = {
    "npv": "discount_rate",
    "irr": "guess",
    "mirr": "reinvestment_rate",
    "roi": None,
    "payback": None,
    "discounted_payback": "discount_rate",
    "profitability_index": "discount_rate",
    "comprehensive_roi": "discount_rate",
    "monte_carlo": "discount_rate",
}


def test_what_the_core_refuses_is_told_where_the_caller_wrote_it() -> None:
    with pytest.raises(InvalidInputError) as refused, in_words_of(flows="cash_flows"):
        raise FlowError("not so", suggestion="But so.", path=("flows", 3))
    (problem,) = refused.value.problems
    assert (problem.pointer, problem.detail) == ("#/cash_flows/3", "not so")
    assert problem.suggestion == "But so."


def extreme(name: str, rng: np.random.Generator) -> dict[str, Any]:
    flows = rng.choice(EXTREMES, int(rng.choice([1, 2, 5, 40]))).tolist()
    investment = abs(float(rng.choice(EXTREMES)))
    key = "annual_cash_flows" if name == "comprehensive_roi" else "cash_flows"
    content: dict[str, Any] = {key: flows, "initial_investment": investment}
    if OF_FLOWS[name] is not None:
        content[OF_FLOWS[name]] = float(rng.choice(RATES))
    if name != "monte_carlo":
        return content
    low, mode, high = sorted(rng.choice(EXTREMES, 3).tolist())
    flows[0] = {"distribution": "pert", "low": low, "mode": mode, "high": high}
    deviation = abs(float(rng.choice(EXTREMES)))
    flows[-1] = {"distribution": "lognormal", "mean": investment}
    flows[-1]["standard_deviation"] = deviation
    return {"project": {"model": "periods", **content}, "paths": 1000, "irr": True}


@pytest.mark.parametrize("name", OF_FLOWS)
def test_extremes_are_answered_or_refused(name: str) -> None:
    """Never another error, never a warning (which is an error here)."""
    calculation, rng = CALCULATIONS[name], np.random.default_rng(11)
    calculate, answered = load_function(calculation.function), 0
    problems: list[InputProblem] = []
    for _ in range(25):
        try:
            parameters = parse(calculation.parameters, orjson.dumps(extreme(name, rng)))
            outcome = calculate(parameters, lambda _, message="": True)
            assert calculation.outcome.model_validate_json(outcome.model_dump_json())
            answered += 1
        except InvalidInputError as refused:
            problems += refused.problems
    assert answered > 3
    assert all(problem.suggestion for problem in problems)
