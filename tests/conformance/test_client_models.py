"""The client's models say of the answers what their schema says."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.client import models
from api.client.models.answer import Answer

OPENAPI = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"
SCHEMAS: dict[str, Any] = json.loads(OPENAPI.read_text("utf-8"))["components"][
    "schemas"
]

NAMES = {
    "Action": "ActionView",
    "Alert": "AlertView",
    "AlertRule": "AlertRuleView",
    "Attempts": "AttemptNumbers",
    "Automation": "AutomationView",
    "AutomationEntry": "AutomationEntryView",
    "Budget": "BudgetView",
    "Calculated": "CalculateResult",
    "Calculation": "CalculationView",
    "Change": "ChangeView",
    "Channel": "ChannelView",
    "Check": "CheckView",
    "Collected": "CollectionView",
    "Contender": "Overall",
    "Delivery": "DeliveryView",
    "DeliveryAttempt": "DeliveryAttemptView",
    "Ended": "HistoryEntry",
    "Family": "FamilyView",
    "FetchedDelivery": "FetchedView",
    "FieldModel": "FieldModelView",
    "Foretelling": "ForetellingView",
    "GlobalStatistics": "GlobalStats",
    "Health": "ServiceHealth",
    "History": "MetricHistory",
    "Insight": "InsightView",
    "Instance": "InstanceView",
    "Job": "JobView",
    "JobError": "ErrorRecord",
    "JobWebhook": "WebhookView",
    "Limits": "LimitsView",
    "LiveCalculation": "LiveView",
    "LiveNumbers": "LiveMetrics",
    "MarketModel": "ModelView",
    "MarketState": "MarketView",
    "Method": "MethodView",
    "NewApiKey": "NewKeyView",
    "NewWebhook": "NewEndpointView",
    "Notification": "NotificationView",
    "Numbers": "MetricsView",
    "Period": "PeriodView",
    "Price": "PriceView",
    "Progress": "ProgressView",
    "Provider": "ProviderView",
    "ProviderKey": "ProviderKeyView",
    "ProviderStatistics": "StatisticsView",
    "Queue": "QueueStanding",
    "Registry": "RegistryView",
    "Rejected": "RejectedView",
    "ReportState": "ReportView",
    "ResponseTimes": "ResponseNumbers",
    "Result": "SolveResult",
    "ResultState": "ResultView",
    "Revenue": "RevenueView",
    "Schedule": "ScheduleView",
    "ScheduleRun": "api__schemas__schedule__RunView",
    "Series": "SeriesView",
    "Statistics": "StatsView",
    "StreamToken": "StreamTokenView",
    "Summary": "SummaryView",
    "Threshold": "ThresholdView",
    "Tick": "TickView",
    "Uptime": "UptimeNumbers",
    "Verdict": "VerdictView",
    "Waiting": "QueueView",
    "Webhook": "EndpointView",
    "Window": "StatisticsWindow",
    "Worker": "WorkerView",
}
"""The schema of each model that is called otherwise; the rest share their names."""
NO_SCHEMA = {
    "Answer",  # what all have in common
    "ApiKey",  # listed as the new one, but for its key
    "Event",  # CloudEvents, in AsyncAPI
    "InvoiceLine",  # of a table
    "Item",  # of NDJSON
    "Problem",  # RFC 9457: of any service in between, too
    "ProblemPart",
    "Totals",  # of batches and of benchmarks
}
OURS = {"Job": {"calculated", "totals"}}
"""Fields that the answer has under another name."""


@pytest.mark.parametrize("name", sorted(set(models.__all__) - NO_SCHEMA))
def test_a_model_reads_what_the_service_says(name: str) -> None:
    model: type[Answer] = getattr(models, name)
    schema = SCHEMAS[NAMES.get(name, name)]
    fields = set(model.model_fields) - OURS.get(name, set())
    assert fields <= set(schema["properties"]), "the service says no such thing"
    required = {key for key in fields if model.model_fields[key].is_required()}
    assert required <= set(schema["required"]), "the service need not say this"
    missing = set(schema["properties"]) - fields - {"links", "submit"}
    assert not missing, "the service says more"


@pytest.mark.parametrize("name", sorted(set(models.__all__) - NO_SCHEMA))
def test_what_may_be_null_may_be_none(name: str) -> None:
    model: type[Answer] = getattr(models, name)
    said = SCHEMAS[NAMES.get(name, name)]["properties"]
    for field, schema in said.items():
        known = model.model_fields.get(field)
        nullable = {"type": "null"} in schema.get("anyOf", [])
        if known is not None and nullable and field != "limits":
            assert known.annotation is Any or type(None) in _arguments(known), field


def _arguments(field: Any) -> tuple[Any, ...]:
    return getattr(field.annotation, "__args__", ())
