"""What every schedule promises, asked of each one in the registry."""

import json
import os
import subprocess
import sys
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from db.backplane import Backplane
from db.contracts.delivery import DELIVER_TASK
from db.contracts.kinds import KINDS
from schedules import beat
from schedules.beat import SCHEDULES, Schedule

ROOT = Path(__file__).parents[2]
EACH = pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
# In a process of its own: importing the worker's application changes a process.
SHOW_THE_APPLICATION = """
import json
from worker.app import app
app.loader.import_default_modules()
app.finalize()
print(json.dumps({
    "tasks": sorted(app.tasks),
    "beat": app.conf.beat_schedule,
    "serializers": app.conf.accept_content,
    "results": app.conf.result_backend,
    "queues": sorted(app.amqp.queues),
}))
"""


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Any:
    home = {"SOLVEQUEUE_HOME": str(tmp_path_factory.mktemp("home"))}
    shown = subprocess.run(
        [sys.executable, "-c", SHOW_THE_APPLICATION],
        cwd=ROOT,
        env={**os.environ, **home},
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(shown.stdout)


def test_every_schedule_file_is_registered() -> None:
    files = {path.stem for path in Path(beat.__file__).parent.glob("*.py")}
    modules = {schedule.function.partition(":")[0] for schedule in SCHEDULES.values()}
    others = {"__init__", "beat", "probe", "tasks", "recording"}
    assert {f"schedules.{name}" for name in files - others} == modules


@pytest.mark.parametrize(("name", "schedule"), SCHEDULES.items(), ids=SCHEDULES)
def test_a_schedule_is_registered_by_its_name(name: str, schedule: Schedule) -> None:
    assert schedule.name == name
    assert schedule.summary
    assert schedule.every_seconds > 0


@EACH
def test_the_function_takes_a_backplane(schedule: Schedule) -> None:
    module, _, function = schedule.function.partition(":")
    work = signature(getattr(import_module(module), function), eval_str=True)
    (only,) = work.parameters.values()
    assert only.annotation is Backplane


@EACH
def test_beat_starts_the_schedule(schedule: Schedule, application: Any) -> None:
    started = application["beat"][schedule.name]
    assert started["task"] == schedule.task
    assert started["schedule"] == schedule.every_seconds
    assert started["options"]["queue"] in application["queues"]
    longest = max(schedule.every_seconds, beat.LEAST_EXPIRY_SECONDS)
    assert started["options"]["expires"] <= longest


@EACH
def test_the_worker_knows_the_task(schedule: Schedule, application: Any) -> None:
    assert schedule.task in application["tasks"]


@pytest.mark.parametrize("task", [*(k.task for k in KINDS.values()), DELIVER_TASK])
def test_the_worker_knows_the_task_of_every_kind(task: str, application: Any) -> None:
    assert task in application["tasks"]


def test_the_worker_reads_json_only_and_keeps_no_results(application: Any) -> None:
    assert application["serializers"] == ["json"]
    assert application["results"] is None
