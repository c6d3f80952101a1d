"""Calculations bound to the feed: a job with each tick, and its end with the change.

All of it is rows, dealt with by whoever comes first: a process that dies, or a server
of events that is away, costs ticks at most. At most one job of each is under way.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection

from db.acceptance import Accepted, accept
from db.alerting import apply_thresholds
from db.announcement import announce, tell_noted
from db.backplane import Backplane
from db.contracts.calculation_event import CalculationCompleted, CalculationFailed
from db.contracts.calculations import CALCULATIONS
from db.contracts.channel import ChannelDraft, ChannelName
from db.contracts.errors import ErrorRecord, UnavailableError
from db.contracts.event import EventType, timestamp
from db.contracts.job_kind import Origin
from db.contracts.job_state import JobState
from db.contracts.json_pointer import number_at
from db.contracts.kinds.calculate import CALCULATE, CalculateResult, checked
from db.contracts.live_calculation import (
    UnboundError,
    bound,
    change_between,
    has_changed,
    numbers_of,
)
from db.contracts.market import STALE_SECONDS, TICK_SECONDS, MarketField
from db.contracts.threshold import CALCULATION
from db.models import LiveCalculation, MarketTick
from db.repositories import jobs, live_calculations, market
from db.repositories.live_calculations import EndedJob
from db.repositories.notices import Noted

logger = logging.getLogger(__name__)

T = TypeVar("T")

BATCH = 500
ANNOUNCED = 50
"""Jobs that workers are told of at once."""
DEADLINE_SECONDS = 300.0
"""A job that has not begun by then is let go: a later tick brings another."""


def keep_up(backplane: Backplane) -> None:
    """Record what has ended, tell of it, and begin what the latest tick asks for."""
    _record_ends(backplane)
    _tell_untold(backplane)
    with backplane.database.reading() as connection:
        standing = market.standing(connection)
        tick = market.latest(connection)
        if tick is None or standing.time - tick.due_at > STALE_SECONDS:
            return
        due = live_calculations.due(connection, tick.sequence, limit=BATCH)
    for start in range(0, len(due), ANNOUNCED):
        begun = [
            _try(backplane, live_id, partial(_begin, live_id=live_id, tick=tick))
            for live_id in due[start : start + ANNOUNCED]
        ]
        announce(backplane, [each for each in begun if each is not None])


def _record_ends(backplane: Backplane) -> None:
    with backplane.database.reading() as connection:
        ended = live_calculations.ended(connection, limit=BATCH)
    noted: list[Noted] = []
    for each in ended:
        noted += _try(backplane, each.live_id, partial(_record_end, of=each)) or []
    tell_noted(backplane, noted)


def _try(
    backplane: Backplane, live_id: str, deal: Callable[[Connection], T]
) -> T | None:
    try:
        with backplane.database.transaction() as connection:
            return deal(connection)
    except UnavailableError:
        raise
    except Exception:
        # One that cannot be dealt with must not stand in the way of all others.
        logger.exception(
            "live calculation failed",
            extra={"action": "live_calculation_failed", "live_id": live_id},
        )
        return None


def _begin(connection: Connection, live_id: str, tick: MarketTick) -> Accepted | None:
    """Have it calculated with the tick's numbers, unless there is no need."""
    number = tick.sequence
    held = live_calculations.claim(connection, live_id, number)
    if held is None:
        return None
    bindings = bindings_of(held)
    numbers = numbers_of(bindings, market.values_of(tick))
    # What ended before is told first, so that its owner hears of every change.
    is_free = held.told and not held.pending
    if numbers is None or not is_free:
        live_calculations.skip(connection, held, number, error=held.error)
        return None
    error = _error_of_last(held)
    if not (error and error.retryable) and not has_changed(
        json.loads(held.numbers or "{}"), numbers, share=held.min_change
    ):
        # It stands for these numbers, whatever was wrong with others in between.
        kept = None if error is None else held.error
        live_calculations.skip(connection, held, number, error=kept)
        return None
    try:
        calculation = CALCULATIONS[held.calculation]
        whole = bound(json.loads(held.parameters), bindings, numbers)
        parameters = calculation.parameters.model_validate(whole)
    except (KeyError, UnboundError, ValidationError) as error:
        refusal = _refusal(error).model_dump_json()
        live_calculations.skip(connection, held, number, error=refusal)
        return None
    request = checked(held.calculation, parameters, deadline_s=DEADLINE_SECONDS)
    new = jobs.describe(
        CALCULATE,
        request,
        job_id=job_id_of(live_id, number),
        caller=held.caller,
        origin=Origin.LIVE,
        origin_id=live_id,
    )
    accepted = accept(connection, new)
    live_calculations.set_job(
        connection, held, number, job_id=new.id, numbers=json.dumps(numbers)
    )
    return accepted


def _error_of_last(held: LiveCalculation) -> ErrorRecord | None:
    """Return why its last job came to nothing; None if it came to something."""
    if held.error is None or held.job == held.outcome_job:
        return None
    return ErrorRecord.model_validate_json(held.error)


def _record_end(connection: Connection, of: EndedJob) -> list[Noted]:
    """Record an end; return the thresholds that it has passed."""
    held = live_calculations.hold_pending(connection, of)
    if held is None:
        return []
    if of.state != JobState.SUCCEEDED or of.result is None:
        error = of.error or _not_run(of.state).model_dump_json()
        live_calculations.record_error(connection, held, error)
        return []
    result = CalculateResult.model_validate_json(of.result)
    outcome = result.outcome or {}
    live_calculations.record_outcome(
        connection,
        held,
        outcome=json.dumps(outcome),
        value=None if held.value_at is None else number_at(outcome, held.value_at),
        elapsed_s=result.elapsed_s,
    )
    return apply_thresholds(
        connection,
        f"{CALCULATION}:{held.id}",
        outcome,
        # As old as the numbers that it was calculated with.
        float((held.job_tick or 0) * TICK_SECONDS),
        owner=held.caller,
    )


def _tell_untold(backplane: Backplane) -> None:
    with backplane.database.reading() as connection:
        untold = live_calculations.untold(connection, limit=BATCH)
    if not untold:
        return
    try:
        backplane.channels.publish([_draft(each) for each in untold])
    except UnavailableError:
        logger.warning("channel waits", extra={"action": "live_untold"})
        return
    with backplane.database.transaction() as connection:
        for each in untold:
            live_calculations.set_told(connection, each)


def _draft(live: LiveCalculation) -> ChannelDraft:
    has_come_to_something = live.outcome_job == live.job
    payload = _completed(live) if has_come_to_something else _failed(live)
    return ChannelDraft(
        channel=ChannelName.CALCULATIONS,
        type=EventType.CALCULATION_FAILED
        if isinstance(payload, CalculationFailed)
        else EventType.CALCULATION_COMPLETED,
        payload=payload,
        # The same, should it be told twice.
        id=f"evt_{live.id}.{live.job_tick}",
        time=time.time(),
        subject=live.id,
        owner=live.caller,
    )


def _completed(live: LiveCalculation) -> CalculationCompleted:
    at = timestamp(live.ended_at or 0.0)
    named = _named(live)
    return CalculationCompleted(
        **named,
        status="completed",
        result=json.loads(live.outcome or "null") or {},
        completed_at=at,
        data={
            **named,
            "timestamp": at,
            "live": True,
            "tick": live.outcome_tick,
            "processing_time_ms": round((live.elapsed_s or 0.0) * 1000, 6),
        },
        value=live.value,
        value_before=live.value_before,
        change=change_between(live.value_before, live.value),
    )


def _failed(live: LiveCalculation) -> CalculationFailed:
    error = ErrorRecord.model_validate_json(live.error or "")
    return CalculationFailed(
        **_named(live),
        status="error",
        error=error.message,
        message=error.message,
        code=error.code,
        suggestion=error.suggestion,
    )


def _named(live: LiveCalculation) -> dict[str, str]:
    return {
        "calculation_id": live.id,
        "calculation_type": live.calculation,
        "job": live.job or "",
    }


def bindings_of(live: LiveCalculation) -> dict[str, MarketField]:
    """Return what is bound to what."""
    stored: dict[str, str] = json.loads(live.bindings)
    return {pointer: MarketField(field) for pointer, field in stored.items()}


def job_id_of(live_id: str, tick: int) -> str:
    """Return the one id that the job of this tick may have."""
    return "job_" + hashlib.sha256(f"{live_id} {tick}".encode()).hexdigest()[:32]


def _refusal(error: Exception) -> ErrorRecord:
    why = "it is offered no longer"
    if isinstance(error, UnboundError):
        why = f"the parameters have no place {error.pointer}"
    elif isinstance(error, ValidationError):
        finding = error.errors(include_url=False, include_input=False)[0]
        why = f"{'/'.join(map(str, finding['loc']))}: {finding['msg']}"
    return ErrorRecord(
        code="invalid-input",
        message=f"the tick's numbers cannot be used: {why}",
        suggestion="Make another with parameters that take them.",
        retryable=False,
    )


def _not_run(state: str | None) -> ErrorRecord:
    return ErrorRecord(
        code=state or "not-found",
        message="its job was deleted" if state is None else f"its job was {state}",
        suggestion="The next tick brings another.",
        retryable=True,
    )
