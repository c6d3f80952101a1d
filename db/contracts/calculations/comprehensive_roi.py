"""What an investment brings, costs and risks, and whether to make it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from db.contracts.calculations.calculation import (
    Calculation,
    Outcome,
    Parameters,
    Words,
)
from db.contracts.calculations.cash_flow import (
    CashFlows,
    Cost,
    Rate,
    check_lengths,
    rates_estimate_s,
)

RiskLevel = Literal["Low", "Medium", "High", "Very High"]


class ComprehensiveRoiParameters(Parameters):
    """An investment, what it brings, and what it costs to run."""

    initial_investment: Annotated[Cost, Field(gt=0)]
    """Paid at once, as a positive number."""
    annual_cash_flows: CashFlows
    """Net of all costs, at the ends of years 1, 2, …"""
    annual_operating_costs: Annotated[list[Cost], Field(max_length=10_000)] = []
    """Of the same years; for the total cost of ownership only. Empty: none."""
    risk_level: RiskLevel = "Medium"
    """What is asked above the risk-free rate: 5, 10, 20 or 35 points."""
    discount_rate: Rate = 0.1
    """Of one year; 0.1 is ten per cent."""
    num_employees: Annotated[int, Field(strict=True, ge=0, le=10**9)] | None = None
    """How many work with it; for the analysis of productivity."""
    avg_salary: Cost | None = None
    """Of one of them, for one year."""
    productivity_gain_pct: (
        Annotated[float, Field(strict=True, ge=-100, le=10_000)] | None
    ) = None
    """How much more each gets done, in per cent."""

    @model_validator(mode="after")
    def _years_agree(self) -> Self:
        if self.annual_operating_costs:
            check_lengths(
                len(self.annual_operating_costs),
                len(self.annual_cash_flows),
                name="annual_operating_costs",
                other="annual_cash_flows",
            )
        return self


class FinancialMetrics(Words):
    """What it brings."""

    npv: float
    """Present value of the cash flows less the investment, to two decimals."""
    npv_unrounded: float
    irr: float | None
    """To four decimals; see the calculation `irr` for the choice. Null if none."""
    irr_unrounded: float | None
    irr_is_unique: bool
    """Whether it is the only rate, proved."""
    simple_roi_pct: float
    """(sum of the cash flows - investment) / investment, in per cent, undiscounted."""
    payback_years: float | None
    """Investment / mean cash flow of a year, to two decimals; null if that is not
    positive."""
    payback_years_by_flow: float | None
    """When the running total first reaches 0, within a year by straight line; null if
    never."""


class TcoAnalysis(Words):
    """What it costs to own, at present value."""

    initial_cost: float
    operating_costs: float
    """Present value of the annual operating costs."""
    maintenance_costs: float
    """Present value of 15 % of the investment at the end of each year."""
    total_tco: float
    """The sum of the three."""
    annual_tco: float
    """That by the number of years."""
    years: int


class RiskAnalysis(Words):
    """Whether it brings what its risk asks for; null where there is no irr."""

    expected_return: float | None
    """The irr, to four decimals."""
    required_return: float
    """The risk-free rate of 3 % and the premium."""
    risk_premium: float
    """0.05, 0.10, 0.20 or 0.35, by the level of risk."""
    risk_adjusted_return: float | None
    """Expected return less the premium."""
    sharpe_ratio: float | None
    """(expected return - 0.03) / premium, to two decimals: the premium stands for
    the deviation that the level of risk means."""
    meets_threshold: bool
    """Whether the expected return is at least the required one."""


class ProductivityAnalysis(Words):
    """What the work that it saves is worth; not part of the cash flows."""

    annual_value: float
    """Employees x salary x gain."""
    value_per_employee: float
    """Of one year."""
    total_value: float
    """Of all years, undiscounted."""
    present_value: float
    """Of all years, at their ends."""
    payback_years: float | None
    """Investment / annual value; null if that is not positive."""


class InvestmentDecision(Words):
    """Whether to make it."""

    recommended: bool
    """All of the three below."""
    npv_positive: bool
    irr_exceeds_hurdle: bool
    """Whether the irr is above the discount rate."""
    risk_acceptable: bool
    """Whether the risk analysis' threshold is met."""


class ComprehensiveRoiOutcome(Outcome):
    """What it brings, costs and risks, and what follows."""

    financial_metrics: FinancialMetrics
    tco_analysis: TcoAnalysis
    risk_analysis: RiskAnalysis
    productivity_analysis: ProductivityAnalysis | None
    """Null unless employees, salary and gain are all told."""
    investment_decision: InvestmentDecision


COMPREHENSIVE_ROI = Calculation(
    name="comprehensive_roi",
    version="1",
    summary="Value, cost of ownership, risk and productivity of an investment.",
    topic="finance",
    parameters=ComprehensiveRoiParameters,
    outcome=ComprehensiveRoiOutcome,
    function="worker.calculations.comprehensive_roi:calculate",
    estimate_s=lambda parameters: rates_estimate_s(
        [-parameters.initial_investment, *parameters.annual_cash_flows],
        len(parameters.annual_cash_flows),
    ),
    is_interruptible=False,
    example={
        "initial_investment": 1000000,
        "annual_cash_flows": [300000, 350000, 400000, 450000, 500000],
        "annual_operating_costs": [50000, 55000, 60000, 65000, 70000],
        "risk_level": "Medium",
        "discount_rate": 0.1,
        "num_employees": 50,
        "avg_salary": 60000,
        "productivity_gain_pct": 12,
    },
)
