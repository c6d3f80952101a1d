"""The tables, one a file."""

from db.models.api_key import ApiKey
from db.models.attempt import Attempt
from db.models.beat_hour import BeatHour
from db.models.beat_run import BeatRun
from db.models.beat_standing import BeatStanding
from db.models.delivery import Delivery
from db.models.delivery_attempt import DeliveryAttempt
from db.models.endpoint import Endpoint
from db.models.event import Event
from db.models.event_log import ArchivedLog
from db.models.idempotency_key import IdempotencyKey
from db.models.instance import StoredInstance
from db.models.job import Job
from db.models.live_calculation import LiveCalculation
from db.models.market_tick import MarketTick
from db.models.notice import Notice
from db.models.notification import Notification
from db.models.queue_pause import QueuePause
from db.models.receiver import Receiver
from db.models.record import Record
from db.models.schedule import Schedule
from db.models.schedule_run import ScheduleRun
from db.models.share import Share
from db.models.shared_secret import SharedSecret
from db.models.threshold import Threshold

__all__ = [
    "ApiKey",
    "ArchivedLog",
    "Attempt",
    "BeatHour",
    "BeatRun",
    "BeatStanding",
    "Delivery",
    "DeliveryAttempt",
    "Endpoint",
    "Event",
    "IdempotencyKey",
    "Job",
    "LiveCalculation",
    "MarketTick",
    "Notice",
    "Notification",
    "QueuePause",
    "Receiver",
    "Record",
    "Schedule",
    "ScheduleRun",
    "Share",
    "SharedSecret",
    "StoredInstance",
    "Threshold",
]
