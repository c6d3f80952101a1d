"""The tasks: one a schedule. No logic."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from celery import shared_task, signals

from db.backplane import Backplane, process_backplane
from schedules import providers
from schedules.beat import SCHEDULES


def _task(path: str) -> Callable[[], None]:
    def run() -> None:
        module, _, function = path.partition(":")
        work: Callable[[Backplane], None] = getattr(import_module(module), function)
        work(process_backplane())

    return run


for schedule in SCHEDULES.values():
    shared_task(name=schedule.task)(_task(schedule.function))


@signals.worker_process_shutdown.connect
@signals.worker_shutdown.connect
def _drain(**_: Any) -> None:
    """Once no task runs any more: in a child, or where tasks run in threads."""
    if process_backplane.cache_info().currsize:
        providers.drain(process_backplane().settings.shutdown_seconds / 2)
