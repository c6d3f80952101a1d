"""Turns what owners of schedules send into what is recorded."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection

from api.body import read_as
from api.calculating import is_seed_fixed, resolve_scheduled
from api.families import resolve_batch, resolve_benchmark
from api.findings import below
from api.instances import find_instance, invalid, pack_new
from api.schemas.calculation import ScheduledCalculation
from api.schemas.family import BatchSubmission, BenchmarkSubmission
from api.schemas.instance import InstanceInput
from api.schemas.job import SolveSubmission
from api.schemas.schedule import SchedulePatch, ScheduleSubmission, TimingQuestion
from api.solving import resolve_solve
from api.state import ApiState
from api.submit import Proposal
from db import scheduling
from db.contracts.caller import Caller
from db.contracts.delivery import write_events
from db.contracts.errors import InvalidInputError
from db.contracts.identifier import new_id
from db.contracts.schedule import Seed
from db.models import Job, Schedule
from db.repositories import jobs, schedules
from db.repositories.instances import PackedInstance, put_instance
from db.repositories.schedules import NewSchedule
from db.timetable import Cron, Every, Timetable, TimetableError

MATRICES = frozenset({"flow", "distance", "linear", "costs", "qaplib"})
TIMING = ("cron", "time_zone", "every_s", "start_at", "end_at")


@dataclass(frozen=True, slots=True)
class Schedulable:
    """How the job of a schedule is read: the same way as one that is sent."""

    submission: type[BaseModel]
    resolve: Callable[..., Proposal]
    is_seed_fixed: Callable[[Any], bool]
    """Whether all its jobs have one seed, by what was sent."""


def _names_seed(submission: BaseModel) -> bool:
    takes_one = "seed" in type(submission).model_fields
    return not takes_one or "seed" in submission.model_fields_set


SCHEDULABLE: dict[str, Schedulable] = {
    "solve": Schedulable(SolveSubmission, resolve_solve, _names_seed),
    "batch": Schedulable(BatchSubmission, resolve_batch, _names_seed),
    "benchmark": Schedulable(BenchmarkSubmission, resolve_benchmark, _names_seed),
    "calculate": Schedulable(ScheduledCalculation, resolve_scheduled, is_seed_fixed),
}


def create(
    state: ApiState, submission: ScheduleSubmission, *, caller: Caller
) -> Schedule:
    """Record a schedule; everything of it is checked before."""
    proposal, described = _describe(state, submission.kind, submission.job, caller)
    timing = _Timing(**{name: getattr(submission, name) for name in TIMING})
    timing.check()
    packed = _pack(state, proposal)
    with state.backplane.database.transaction() as connection:
        moment = jobs.database_time(connection)
        timetable = timing.timetable(moment)
        first = _first(timetable, moment)
        _store(connection, packed)
        return schedules.insert_schedule(
            connection,
            new_id("sch"),
            NewSchedule(
                name=submission.name,
                caller=caller.name,
                overlap=submission.overlap,
                catch_up_s=submission.catch_up_s,
                paused=submission.paused,
                next_at=None if submission.paused else first,
                **described,
                **_columns(timetable),
            ),
        )


def preview(state: ApiState, question: TimingQuestion) -> list[float]:
    """Return the next due times of a rule; nothing is recorded."""
    timing = _Timing(**{name: getattr(question, name) for name in TIMING})
    timing.check()
    with state.backplane.database.reading() as connection:
        moment = jobs.database_time(connection)
    timetable = timing.timetable(moment)
    first = _first(timetable, moment)
    return [first, *timetable.next_times(first, question.limit - 1)]


def change(
    state: ApiState, schedule_id: str, patch: SchedulePatch, *, caller: Caller
) -> Schedule:
    """Write what the patch names; the rest stays as it is."""
    given = patch.model_dump(exclude_unset=True, exclude={"kind", "job"})
    proposal = None
    if "job" in patch.model_fields_set:
        # Whoever changes it: its owner stays.
        proposal, described = _describe(state, patch.kind, patch.job, caller)
        given |= described
    elif "kind" in patch.model_fields_set:
        raise invalid(
            "#/kind", "a kind without a job", "Send the job as well, or neither."
        )
    packed = [] if proposal is None else _pack(state, proposal)
    with state.backplane.database.transaction() as connection:
        held = schedules.hold_schedule(connection, schedule_id)
        _store(connection, packed)
        timing = _Timing.of(held).changed(given)
        given = {name: value for name, value in given.items() if name not in TIMING}
        if timing != _Timing.of(held):
            timing.check()
            moment = jobs.database_time(connection)
            timetable = timing.timetable(moment)
            _first(timetable, moment)
            given |= _columns(timetable)
        changed = schedules.update_schedule(connection, schedule_id, **given)
        return _set_next(connection, held, changed)


def pause(state: ApiState, schedule_id: str) -> Schedule:
    """Let no due time come until it is resumed; twice is harmless."""
    return _set_paused(state, schedule_id, paused=True)


def resume(state: ApiState, schedule_id: str) -> Schedule:
    """Go on from now; what was due meanwhile is not caught up on."""
    return _set_paused(state, schedule_id, paused=False)


def trigger(state: ApiState, schedule_id: str, *, caller: Caller) -> Job:
    """Start a job of the schedule now."""
    state.room.enter(caller)
    with state.backplane.database.transaction() as connection:
        accepted = scheduling.trigger(
            connection, schedule_id, large_order=state.settings.large_order
        )
    # After commit: a worker may start before this function returns.
    state.announcer.announce(accepted)
    return accepted.job


@dataclass(frozen=True, slots=True)
class _Timing:
    """When, as far as it was said."""

    cron: str | None
    time_zone: str | None
    every_s: int | None
    start_at: float | None
    end_at: float | None

    @classmethod
    def of(cls, schedule: Schedule) -> "_Timing":
        return cls(**{name: getattr(schedule, name) for name in TIMING})

    def changed(self, given: dict[str, Any]) -> "_Timing":
        """Return it with the new parts; a new rule takes the old one's place."""
        parts = {name: getattr(self, name) for name in TIMING}
        if given.get("every_s") is not None:
            parts |= {"cron": None, "time_zone": None}
        elif given.get("cron") is not None:
            parts |= {"every_s": None}
        parts |= {name: given[name] for name in TIMING if name in given}
        return _Timing(**parts)

    def check(self) -> None:
        """Raise InvalidInputError unless it is exactly one rule, and a good one."""
        if (self.cron is None) == (self.every_s is None):
            lacks = self.cron is None
            raise invalid(
                "#/cron" if lacks else "#/every_s",
                "nothing says when" if lacks else "cron and every_s are two rules",
                "Give either cron or every_s.",
            )
        if self.every_s is not None and self.time_zone is not None:
            raise invalid(
                "#/time_zone",
                "a period has no time zone",
                "Leave time_zone out, or give cron in place of every_s.",
            )
        if self.end_at is not None and self.end_at < (self.start_at or 0.0):
            raise invalid(
                "#/end_at", "end_at is before start_at", "Send a later end_at."
            )
        try:
            self.timetable(0.0)
        except TimetableError as error:
            raise invalid(f"#/{error.field}", str(error), error.suggestion) from None

    def timetable(self, moment: float) -> Timetable:
        """Return the due times; what says no start begins now."""
        start_at = moment // 1 if self.start_at is None else self.start_at
        rule: Cron | Every
        if self.every_s is not None:
            rule = Every(self.every_s, start_at)
        else:
            rule = Cron((self.cron or "").strip(), self.time_zone or "UTC")
        return Timetable(rule, start_at, self.end_at)


def _describe(
    state: ApiState, kind: str | None, job: Any, caller: Caller
) -> tuple[Proposal, dict[str, Any]]:
    """Return what the jobs are to be, and the columns that say so."""
    name = kind or (job.get("kind") if isinstance(job, dict) else None) or "solve"
    schedulable = SCHEDULABLE.get(name) if isinstance(name, str) else None
    if schedulable is None:
        raise invalid(
            "#/kind" if kind else "#/job/kind",
            "jobs of this kind cannot be scheduled",
            f"Choose one of {', '.join(SCHEDULABLE)}.",
        )
    with below("#/job"):
        submission = read_as(schedulable.submission, job)
        proposal = schedulable.resolve(state, submission, caller=caller)
    return proposal, {
        "kind": proposal.kind.name,
        "request": proposal.request.model_dump_json(),
        "submission": json.dumps(_shown(state, "job", job)),
        "seed": (
            Seed.FIXED if schedulable.is_seed_fixed(submission) else Seed.EACH
        ).value,
        "priority_s": proposal.priority_s,
        "webhook_url": proposal.webhook and proposal.webhook.url,
        "webhook_secret": proposal.webhook and proposal.webhook.secret,
        "webhook_events": proposal.webhook and write_events(proposal.webhook.events),
    }


def _shown(state: ApiState, name: str, given: Any) -> Any:
    """Return what was sent, small enough to keep: no matrices and no secret."""
    if isinstance(given, list):
        return [_shown(state, name, each) for each in given]
    if not isinstance(given, dict):
        return given
    if name in ("instance", "instances") and MATRICES & set(given):
        return _by_hash(state, given)
    return {
        key: _shown(state, key, value)
        for key, value in given.items()
        if key != "webhook_secret"
    }


def _by_hash(state: ApiState, given: dict[str, Any]) -> dict[str, Any]:
    label = {"name": given["name"]} if "name" in given else {}
    try:
        instance = read_as(InstanceInput, given)
        found = find_instance(instance, state.backplane, state.settings)
    except InvalidInputError:
        # Of an item that a batch leaves out: there is nothing to refer to.
        return label
    return {**label, "sha256": found.sha256}


def _first(timetable: Timetable, moment: float) -> float:
    first = timetable.next_after(moment)
    if first is None:
        has_end = timetable.end_at is not None
        raise invalid(
            "#/end_at" if has_end else "#/cron",
            "no due time is to come",
            "Send a later end_at, or none." if has_end else "Name dates that exist.",
        )
    return first


def _columns(timetable: Timetable) -> dict[str, Any]:
    rule = timetable.rule
    return {
        "cron": rule.expression if isinstance(rule, Cron) else None,
        "time_zone": rule.time_zone if isinstance(rule, Cron) else None,
        "every_s": rule.seconds if isinstance(rule, Every) else None,
        "start_at": timetable.start_at,
        "end_at": timetable.end_at,
    }


def _pack(state: ApiState, proposal: Proposal) -> list[PackedInstance]:
    return pack_new(state.known_instances, state.backplane, proposal.instances)


def _store(connection: Connection, packed: Sequence[PackedInstance]) -> None:
    for instance in packed:
        put_instance(connection, instance)


def _set_paused(state: ApiState, schedule_id: str, *, paused: bool) -> Schedule:
    with state.backplane.database.transaction() as connection:
        held = schedules.hold_schedule(connection, schedule_id)
        if held.paused == paused:
            return held
        changed = schedules.update_schedule(connection, schedule_id, paused=paused)
        return _set_next(connection, held, changed)


def _set_next(connection: Connection, held: Schedule, changed: Schedule) -> Schedule:
    """Return the schedule with the due time that is next after the change."""
    if changed.paused:
        scheduling.drop_waiting(connection, held)
        return schedules.update_schedule(connection, held.id, next_at=None)
    is_same = _Timing.of(held) == _Timing.of(changed) and not held.paused
    moment = jobs.database_time(connection)
    # One that has come and that no one has dealt with yet is still owed.
    if is_same or (held.next_at is not None and held.next_at <= moment):
        return changed
    timetable = schedules.timetable_of(changed)
    # None twice, should the clock have been put back.
    next_at = timetable.next_after(max(moment, changed.last_at or 0.0))
    return schedules.update_schedule(connection, held.id, next_at=next_at)
