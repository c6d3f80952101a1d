"""What jobs cost, and what was earned."""

from decimal import Decimal

from api.client.models.answer import Answer


class Price(Answer):
    """What a kind of job costs, from when on."""

    kind: str
    per_job: Decimal
    per_cpu_second: Decimal
    in_force_since: str | None = None
    in_force: bool


class InvoiceLine(Answer):
    """What a caller's jobs of one kind came to at one price, or the caller's total."""

    month: str
    caller: str = ""
    kind: str
    jobs: int | None = None
    cpu_seconds: Decimal | None = None
    price_per_job: Decimal | None = None
    price_per_cpu_second: Decimal | None = None
    price_since: str | None = None
    amount: Decimal
    currency: str


class RevenueSource(Answer):
    """What one kind of job has earned."""

    source: str
    revenue: float
    percentage: float


class Projection(Answer):
    """What a month should come to, and between which limits."""

    method: str
    days: int
    low: float | None = None
    high: float | None = None
    level: float


class Revenue(Answer):
    """What was earned."""

    daily_revenue: float
    monthly_revenue: float
    yearly_revenue: float
    revenue_growth: float
    growth_basis: dict[str, float]
    top_revenue_sources: list[RevenueSource]
    projected_monthly: float
    projection: Projection
    currency: str
    complete: bool
    last_updated: str
