"""The tasks: one a schedule. No logic."""

from collections.abc import Callable
from importlib import import_module

from celery import shared_task

from db.backplane import Backplane, process_backplane
from schedules.beat import SCHEDULES


def _task(path: str) -> Callable[[], None]:
    def run() -> None:
        module, _, function = path.partition(":")
        work: Callable[[Backplane], None] = getattr(import_module(module), function)
        work(process_backplane())

    return run


for schedule in SCHEDULES.values():
    shared_task(name=schedule.task)(_task(schedule.function))
