"""Celery's settings: read by worker, beat, Flower and the producer.

The messages are hints ("look at job X"); the database row is the job. See
docs/adr/0003 for why Celery's own guarantees are not relied upon.
"""

from kombu import Exchange, Queue

from db.contracts.job_kind import Queue as QueueName
from db.contracts.settings import Settings
from schedules.beat import beat_schedule as make_beat_schedule
from schedules.beat import beat_summaries as make_beat_summaries

settings = Settings()

broker_url = settings.broker_address.url
broker_use_ssl = settings.broker_address.tls
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
broker_pool_acquire_timeout = 2
if settings.broker_address.is_redis:
    broker_transport_options = {
        "visibility_timeout": settings.visibility_timeout_seconds,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "health_check_interval": 5,
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
        "socket_keepalive": settings.broker_address.has_keepalive,
        **settings.broker_address.sentinel_options,
    }

result_backend = None
task_ignore_result = True
task_serializer = "json"
accept_content = ["json"]
task_acks_late = True
task_reject_on_worker_lost = True
task_publish_retry = False
task_default_queue = QueueName.STANDARD.value
# The nameless exchange routes by queue name alone: no bindings to lose in a flush.
task_queues = [Queue(q.value, Exchange(""), routing_key=q.value) for q in QueueName]

imports = ("worker.tasks", "schedules.tasks")
worker_consumer = "worker.consumer:Consumer"
worker_prefetch_multiplier = 1
# By what it holds, not by what it did: replacing a child costs a second of its slot.
worker_max_memory_per_child = settings.worker_memory_mb * 1024
worker_proc_alive_timeout = 30
worker_hijack_root_logger = False
worker_cancel_long_running_tasks_on_connection_loss = False
worker_send_task_events = True

beat_schedule = make_beat_schedule()
# Not Celery's: for the API, which tells of them and imports none of them.
beat_summaries = make_beat_summaries()
beat_schedule_filename = str(settings.home / "beat-schedule")
