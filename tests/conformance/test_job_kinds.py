"""What every job kind promises, asked of each one in the registry."""

from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest

from db.contracts import kinds as package
from db.contracts.event import JobEnded
from db.contracts.job_kind import JobKind, JobResult, Queue
from db.contracts.kinds import KINDS
from worker.context import Context
from worker.family import FamilyContext
from worker.handler import load_function

EACH = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
FAMILIES = pytest.mark.parametrize(
    "kind", [kind for kind in KINDS.values() if kind.family], ids=lambda k: k.name
)
Kind = JobKind  # type: ignore[type-arg]


def test_every_kind_file_is_registered() -> None:
    files = {path.stem for path in Path(package.__file__).parent.glob("*.py")}
    assert files - {"__init__"} == set(KINDS)


def test_no_two_kinds_share_a_task() -> None:
    assert len({kind.task for kind in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS)
def test_a_kind_is_registered_by_its_name(name: str, kind: Kind) -> None:
    assert kind.name == name
    assert kind.summary


@EACH
def test_the_example_survives_the_row(kind: Kind) -> None:
    request = kind.request.model_validate(kind.example)
    assert kind.request.model_validate_json(request.model_dump_json()) == request


@EACH
def test_the_example_has_a_queue_that_a_worker_serves(kind: Kind) -> None:
    assert kind.queue(kind.request.model_validate(kind.example)) in Queue


@EACH
def test_the_handler_takes_the_request_and_gives_the_result(kind: Kind) -> None:
    module, _, function = kind.handler.partition(":")
    handler = signature(getattr(import_module(module), function), eval_str=True)
    request, context = handler.parameters.values()
    assert request.annotation is kind.request
    assert context.annotation is (FamilyContext if kind.family else Context)
    assert handler.return_annotation is kind.result


@EACH
def test_the_result_says_why_the_run_ended(kind: Kind) -> None:
    assert issubclass(kind.result, JobResult)
    assert "termination" in kind.result.model_fields


@EACH
def test_the_end_can_tell_what_it_has_of_the_result(kind: Kind) -> None:
    told = set(kind.result.model_fields) & set(JobEnded.model_fields)
    for name in told - {"termination"}:
        of_result = kind.result.model_fields[name].annotation
        of_event = JobEnded.model_fields[name].annotation
        assert of_result is not None
        # The event's may be absent; what it may hold is the same.
        assert of_event in (of_result, of_result | None)


@FAMILIES
def test_the_children_of_a_family_are_jobs_of_known_kinds(kind: Kind) -> None:
    request = kind.request.model_validate(kind.example)
    count = kind.family.count(request)
    children = kind.family.children(request, 0, count)
    assert len(children) == count > 0
    for child in children:
        assert isinstance(child.request, KINDS[child.kind].request)
    positions = [child.position for child in children]
    assert positions == sorted(set(positions))


@FAMILIES
def test_children_are_the_same_however_they_are_asked_for(kind: Kind) -> None:
    request = kind.request.model_validate(kind.example)
    children, count = kind.family.children, kind.family.count(request)
    one_by_one = [child for n in range(count) for child in children(request, n, n + 1)]
    assert one_by_one == list(children(request, 0, count + 10))


@FAMILIES
def test_a_family_waits_where_no_solver_is_held_up(kind: Kind) -> None:
    request = kind.request.model_validate(kind.example)
    assert kind.queue(request) is Queue.SCHEDULES
    assert kind.family.fan_out(request) >= 1


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS.values() if kind.family and kind.family.report]
)
def test_a_live_report_takes_what_the_handler_takes(kind: Kind) -> None:
    report = signature(load_function(kind.family.report), eval_str=True)
    handler = signature(load_function(kind.handler), eval_str=True)
    assert list(report.parameters.values()) == list(handler.parameters.values())


@EACH
def test_an_unknown_field_is_refused(kind: Kind) -> None:
    with pytest.raises(ValueError, match="surprise"):
        kind.request.model_validate({**kind.example, "surprise": 1})
