from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from api.findings import describe
from db.contracts.calculations.comprehensive_roi import (
    COMPREHENSIVE_ROI,
    ComprehensiveRoiOutcome,
    ComprehensiveRoiParameters,
)
from worker.calculations.comprehensive_roi import calculate


def ask(**changes: Any) -> ComprehensiveRoiOutcome:
    content = {**COMPREHENSIVE_ROI.example, **changes}
    return calculate(
        ComprehensiveRoiParameters.model_validate(content), lambda _, message="": True
    )


def numbers(content: Any) -> Iterator[Any]:
    for value in content.values() if isinstance(content, dict) else [content]:
        yield from numbers(value) if isinstance(value, dict) else [value]


def test_the_golden_numbers() -> None:
    outcome = ask()
    metrics = outcome.financial_metrics
    assert metrics.npv == 480326.11
    assert metrics.irr == 0.2575
    assert metrics.simple_roi_pct == 100.0
    assert metrics.payback_years == 2.5
    assert outcome.tco_analysis.total_tco == 1792466.361587323
    assert outcome.risk_analysis.sharpe_ratio == 2.27
    assert outcome.investment_decision.recommended


@pytest.mark.parametrize(
    ("level", "required", "is_met"),
    [
        ("Low", 0.08, True),
        ("Medium", 0.13, True),
        ("High", 0.23, True),
        ("Very High", 0.38, False),
    ],
)
def test_more_risk_asks_for_more(level: str, required: float, is_met: bool) -> None:
    outcome = ask(risk_level=level)
    assert outcome.risk_analysis.required_return == required
    assert outcome.risk_analysis.meets_threshold is is_met
    assert outcome.investment_decision.recommended is is_met


def test_without_a_rate_nothing_is_recommended() -> None:
    outcome = ask(annual_cash_flows=[-1.0] * 5)
    assert outcome.financial_metrics.irr is None
    assert outcome.financial_metrics.payback_years is None
    assert outcome.risk_analysis.sharpe_ratio is None
    assert not any(numbers(outcome.investment_decision.model_dump()))


def test_productivity_needs_all_three() -> None:
    assert ask(avg_salary=None).productivity_analysis is None
    whole = ask().productivity_analysis
    assert whole is not None
    assert whole.annual_value == 50 * 60000 * 0.12


def test_costs_of_other_years_are_refused_with_a_way_out() -> None:
    content = {**COMPREHENSIVE_ROI.example, "annual_operating_costs": [1.0]}
    with pytest.raises(ValidationError) as refused:
        ComprehensiveRoiParameters.model_validate(content)
    (problem,) = describe(refused.value.errors(), content=content)
    assert problem.pointer == "#/annual_operating_costs"
    assert problem.suggestion
    assert "annual_cash_flows" in problem.suggestion
