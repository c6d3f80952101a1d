"""What the service has come to, in the words of the earlier overview."""

from pydantic import BaseModel


class RevenueSource(BaseModel):
    """One kind of job, and what it has earned in the last thirty days."""

    source: str
    revenue: float
    percentage: float
    """Of all kinds; 0 while nothing was earned."""


class Projection(BaseModel):
    """How `projected_monthly` was found, and how sure it is."""

    method: str
    days: int
    """Complete days, of the last 28, since anything was used."""
    low: float | None
    high: float | None
    """Between these in nine of ten such months; null of fewer than seven days."""
    level: float


class GrowthBasis(BaseModel):
    """What `revenue_growth` compares: complete days."""

    last_30_days: float
    before: float
    """The thirty days before those; 0 is nothing to grow from."""


class RevenueView(BaseModel):
    """What was earned. Days are those of UTC, and money is told to a millionth."""

    daily_revenue: float
    """Since midnight."""
    monthly_revenue: float
    """Of the last thirty days, this one included."""
    yearly_revenue: float
    """Of the last 365 days."""
    revenue_growth: float
    """Per cent; 0 where there is nothing to grow from."""
    top_revenue_sources: list[RevenueSource]
    """Every kind of job, what earned most first."""
    projected_monthly: float
    """Thirty days like the last complete ones; before the first what was earned."""
    growth_basis: GrowthBasis
    projection: Projection
    currency: str
    complete: bool
    """False while so much has ended at once that it is still being added up."""
    last_updated: str


class GlobalStats(BaseModel):
    """What the service is and has come to."""

    total_ai_agents: int | None = None
    """Workers that live; absent while nobody knows."""
    industries_covered: int
    """Kinds of work that have been done: kinds of job, of which any has succeeded."""
    global_success_rate: float
    """Per cent of the latest solves that succeeded or failed."""
    monthly_call_volume: int
    """Jobs accepted in the last thirty days."""
    total_revenue: float
    """Of all that was ever done."""
    system_uptime: float
    """Per cent of the minutes of the last day in which the service was well."""
