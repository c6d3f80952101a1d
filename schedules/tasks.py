"""The tasks: one a schedule. No logic."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from celery import shared_task, signals

from db.backplane import Backplane, process_backplane
from schedules import providers
from schedules.beat import SCHEDULES, Schedule
from schedules.recording import run_recorded


def _task(schedule: Schedule) -> Callable[[Any], None]:
    def run(task: Any) -> None:
        module, _, function = schedule.function.partition(":")
        work: Callable[[Backplane], None] = getattr(import_module(module), function)
        sent_at = schedule.sent_at(task.request.expires)
        run_recorded(schedule, work, process_backplane(), sent_at)

    return run


for each in SCHEDULES.values():
    shared_task(name=each.task, bind=True)(_task(each))


@signals.worker_process_shutdown.connect
@signals.worker_shutdown.connect
def _drain(**_: Any) -> None:
    """Once no task runs any more: in a child, or where tasks run in threads."""
    if process_backplane.cache_info().currsize:
        providers.drain(process_backplane().settings.shutdown_seconds / 2)
