"""The tables, one a file."""

from db.models.alert import Alert
from db.models.alert_rule import AlertRule
from db.models.alert_standing import AlertStanding
from db.models.api_key import ApiKey
from db.models.attempt import Attempt
from db.models.automation import Automation, AutomationEntry, MethodRoute
from db.models.beat_hour import BeatHour
from db.models.beat_run import BeatRun
from db.models.beat_standing import BeatStanding
from db.models.charge import Charge
from db.models.delivery import Delivery
from db.models.delivery_attempt import DeliveryAttempt
from db.models.endpoint import Endpoint
from db.models.event import Event
from db.models.event_log import ArchivedLog
from db.models.idempotency_key import IdempotencyKey
from db.models.insight import Insight
from db.models.insight_prediction import InsightPrediction
from db.models.instance import StoredInstance
from db.models.job import Job
from db.models.live_calculation import LiveCalculation
from db.models.market_tick import MarketTick
from db.models.metric_point import MetricMark, MetricPoint
from db.models.notice import Notice
from db.models.notification import Notification
from db.models.price import PriceVersion
from db.models.provider import Provider
from db.models.provider_change import ProviderChange
from db.models.provider_check import ProviderCheck
from db.models.provider_collection import ProviderCollection
from db.models.provider_hour import ProviderHour
from db.models.provider_usage import ProviderUsage
from db.models.queue_pause import QueuePause
from db.models.receiver import Receiver
from db.models.record import Record
from db.models.schedule import Schedule
from db.models.schedule_run import ScheduleRun
from db.models.share import Share
from db.models.shared_secret import SharedSecret
from db.models.threshold import Threshold
from db.models.usage import UsageOfDay, UsageOfMonth

__all__ = [
    "Alert",
    "AlertRule",
    "AlertStanding",
    "ApiKey",
    "ArchivedLog",
    "Attempt",
    "Automation",
    "AutomationEntry",
    "BeatHour",
    "BeatRun",
    "BeatStanding",
    "Charge",
    "Delivery",
    "DeliveryAttempt",
    "Endpoint",
    "Event",
    "IdempotencyKey",
    "Insight",
    "InsightPrediction",
    "Job",
    "LiveCalculation",
    "MarketTick",
    "MethodRoute",
    "MetricMark",
    "MetricPoint",
    "Notice",
    "Notification",
    "PriceVersion",
    "Provider",
    "ProviderChange",
    "ProviderCheck",
    "ProviderCollection",
    "ProviderHour",
    "ProviderUsage",
    "QueuePause",
    "Receiver",
    "Record",
    "Schedule",
    "ScheduleRun",
    "Share",
    "SharedSecret",
    "StoredInstance",
    "Threshold",
    "UsageOfDay",
    "UsageOfMonth",
]
