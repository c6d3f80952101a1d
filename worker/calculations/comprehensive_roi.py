"""An investment's value, cost, risk and productivity, in the words of the contract."""

from math import inf, isfinite
from statistics import fmean

from db.contracts.calculations.comprehensive_roi import (
    ComprehensiveRoiOutcome,
    ComprehensiveRoiParameters,
    FinancialMetrics,
    InvestmentDecision,
    ProductivityAnalysis,
    RiskAnalysis,
    TcoAnalysis,
)
from worker.calculations.cash_flow import in_words_of, with_investment
from worker.calculations.watch import Watch
from worker.finance.internal_rate import irr
from worker.finance.investment import RISK_PREMIUMS, Risk, ownership, productivity
from worker.finance.payback import payback
from worker.finance.present_value import npv
from worker.finance.returns import roi


def calculate(
    parameters: ComprehensiveRoiParameters, watch: Watch
) -> ComprehensiveRoiOutcome:
    """Look at the investment from every side that the contract names."""
    with in_words_of():
        metrics = _metrics(parameters)
        # As it is told, to four decimals: whoever divides what stands in the answer
        # comes to the ratio that stands there.
        risk = _risk(parameters, metrics.irr)
        return ComprehensiveRoiOutcome(
            financial_metrics=metrics,
            tco_analysis=_tco(parameters),
            risk_analysis=risk,
            productivity_analysis=_productivity(parameters),
            investment_decision=_decision(parameters, metrics, risk),
        )


def _metrics(parameters: ComprehensiveRoiParameters) -> FinancialMetrics:
    investment, flows = parameters.initial_investment, parameters.annual_cash_flows
    whole = with_investment(investment, flows)
    value = npv(whole, parameters.discount_rate).value
    rates = irr(whole, parameters.discount_rate)
    return FinancialMetrics(
        npv=round(value, 2),
        npv_unrounded=value,
        irr=None if rates.rate is None else round(rates.rate, 4),
        irr_unrounded=rates.rate,
        irr_is_unique=rates.is_unique,
        simple_roi_pct=round(100 * roi(investment, flows), 2),
        payback_years=_years(investment, fmean(flows)),
        payback_years_by_flow=payback(whole).time,
    )


def _tco(parameters: ComprehensiveRoiParameters) -> TcoAnalysis:
    years = len(parameters.annual_cash_flows)
    cost = ownership(
        parameters.initial_investment,
        parameters.annual_operating_costs,
        years,
        parameters.discount_rate,
    )
    return TcoAnalysis(
        initial_cost=cost.initial,
        operating_costs=cost.operating,
        maintenance_costs=cost.maintenance,
        total_tco=cost.total,
        annual_tco=cost.total / years,
        years=years,
    )


def _risk(
    parameters: ComprehensiveRoiParameters, expected: float | None
) -> RiskAnalysis:
    premium = RISK_PREMIUMS[parameters.risk_level]
    risk = Risk(0.0 if expected is None else expected, premium)
    is_known = expected is not None
    return RiskAnalysis(
        expected_return=expected,
        required_return=round(risk.required_return, 4),
        risk_premium=premium,
        risk_adjusted_return=round(risk.adjusted_return, 4) if is_known else None,
        sharpe_ratio=round(risk.sharpe_ratio, 2) if is_known else None,
        meets_threshold=is_known and risk.is_acceptable,
    )


def _productivity(
    parameters: ComprehensiveRoiParameters,
) -> ProductivityAnalysis | None:
    employees, salary = parameters.num_employees, parameters.avg_salary
    gain_pct = parameters.productivity_gain_pct
    if employees is None or salary is None or gain_pct is None:
        return None
    years = len(parameters.annual_cash_flows)
    worth = productivity(
        employees, salary, gain_pct, years=years, rate=parameters.discount_rate
    )
    return ProductivityAnalysis(
        annual_value=worth.annual,
        value_per_employee=salary * gain_pct / 100,
        total_value=worth.total,
        present_value=worth.present,
        payback_years=_years(parameters.initial_investment, worth.annual),
    )


def _decision(
    parameters: ComprehensiveRoiParameters,
    metrics: FinancialMetrics,
    risk: RiskAnalysis,
) -> InvestmentDecision:
    is_positive = metrics.npv_unrounded > 0
    rate = metrics.irr_unrounded
    exceeds = rate is not None and rate > parameters.discount_rate
    return InvestmentDecision(
        recommended=is_positive and exceeds and risk.meets_threshold,
        npv_positive=is_positive,
        irr_exceeds_hurdle=exceeds,
        risk_acceptable=risk.meets_threshold,
    )


def _years(investment: float, annual: float) -> float | None:
    years = investment / annual if annual > 0 else inf
    return round(years, 2) if isfinite(years) else None
