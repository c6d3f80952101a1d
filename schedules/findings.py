"""Looks at the history, writes what it says, and does what operators have asked for."""

import logging

from sqlalchemy import Connection

from db.backplane import Backplane
from db.contracts.catalogue import catalogue
from db.contracts.errors import NotFoundError
from db.contracts.insight import AutomationName
from db.contracts.provider import ProviderKind
from db.repositories import automations, insight_history, insights, providers
from db.repositories.jobs import database_time
from schedules.insights.claim import SIZES, Claim
from schedules.insights.discovery import (
    Finding,
    confidence,
    discover,
    holds,
    observed_later,
)
from schedules.insights.history import HOUR, Count, History, Load, Mean, Solved, Work
from schedules.insights.registry import KINDS

logger = logging.getLogger(__name__)

EVERY_SECONDS = 900.0
KEEP_SECONDS = 4 * EVERY_SECONDS
"""Findings that nobody has looked at again for so long are told no more."""
JUDGED_AT_ONCE = 50
SURE_ENOUGH = 70.0
"""Per cent: less does nothing by itself."""
FAILS_TOO_MUCH = 20.0
"""Percentage points: a provider that fails so much more is paused."""
TIMED_OUT = 0.9
"""A solve that ended after less of its time than this was not stopped by it."""


def look(backplane: Backplane) -> None:
    """Do all of it. Several may: each writes the same."""
    settings = backplane.settings
    if not settings.insights:
        return
    with backplane.database.reading() as connection:
        end = database_time(connection)
        history = read(connection, end=end, days=settings.insight_window_days)
    found = discover(history)
    with backplane.database.transaction() as connection:
        insights.lock_insights(connection)
        _judge(connection, history)
        hits = insights.hits_by_kind(connection)
        written = [_written(each, history, hits) for each in found]
        insights.put(connection, written, keep_seconds=KEEP_SECONDS)
        kept = settings.insight_days * 86400
        insights.forget(connection, older_than_seconds=kept)
        acted = act(connection, written)
    logger.info(
        "looked",
        extra={"action": "insights_updated", "found": len(found), "acted": acted},
    )


def read(connection: Connection, *, end: float, days: float) -> History:
    """Return the history up to the last whole hour."""
    start = end - days * 86400
    since, until = (x // HOUR * HOUR for x in (start + HOUR, end))
    of_jobs = insight_history.ended_and_failed(connection, since=since, until=until)
    of_providers, names = insight_history.provider_hours(
        connection, since_hour=round(since / HOUR), until_hour=round(until / HOUR)
    )
    hours = insight_history.hours_of_jobs(connection, since=since)
    hours = [each for each in hours if each.hour < until / HOUR]
    http, busy, slots = (
        insight_history.kept_hours(connection, name, since=since, until=until)
        for name in ("http_duration", "worker_busy_ratio", "worker_slots")
    )
    jobs = tuple(Count(*each) for each in of_jobs)
    return History(
        start=start,
        end=end,
        solved=tuple(
            _solved(each)
            for each in insight_history.timed_solves(connection, since=start)
        ),
        failures={
            "jobs": jobs,
            **{
                name: tuple(Count(*each) for each in counts)
                for name, counts in of_providers.items()
            },
        },
        latencies={
            "HTTP": tuple(
                Mean(hour, point.histogram.mean)
                for hour, point in http.items()
                if point.histogram.count
            ),
            "Waiting in the queue": tuple(Mean(x.hour, x.wait_s) for x in hours),
        },
        arrivals=jobs,
        loads=tuple(
            Load(
                x.hour, x.jobs, x.wait_s, x.run_s, busy[x.hour].mean, slots[x.hour].mean
            )
            for x in hours
            if x.hour in busy and x.hour in slots
        ),
        works=tuple(
            Work(each.finished_at, each.is_redone, each.elapsed_s)
            for each in insight_history.done_works(connection, since=start)
        ),
        names=names,
    )


def _solved(each: insight_history.TimedSolve) -> Solved:
    half = None
    if each.elapsed_s >= TIMED_OUT * each.time_s:
        by_then = [x for at, x in each.improvements if at <= each.time_s / 2]
        half = by_then[-1] if by_then else None
    return Solved(
        at=each.finished_at,
        instance=each.instance,
        order=each.order,
        method=each.method,
        time_s=each.time_s,
        objective=each.objective,
        half_objective=half,
    )


def _judge(connection: Connection, history: History) -> None:
    """Hold findings of long ago against what came after them."""
    due = insights.due_predictions(connection, limit=JUDGED_AT_ONCE)
    for each in due:
        kind = KINDS.get(each.kind)
        observed = None
        if kind is not None:
            later = history if kind.needs_before else history.after(each.made_at)
            observed = observed_later(each.insight_id, each.kind, later)
        if observed is not None:
            hit = holds(each.effect, observed, nothing=each.null_effect)
            insights.settle(connection, each, observed=observed, hit=hit)
        elif kind is None or each.lapses_at < history.end:
            insights.settle(connection, each, observed=None, hit=None)


def _written(
    finding: Finding, history: History, hits: dict[str, tuple[int, int]]
) -> insights.Written:
    claim = finding.claim
    right, judged = hits.get(claim.kind, (0, 0))
    horizon = KINDS[claim.kind].horizon_s
    return insights.Written(
        found=insights.Found(
            id=claim.id,
            kind=claim.kind,
            subject=claim.subject,
            title=claim.title,
            description=claim.description,
            impact=claim.impact,
            action=claim.action,
            priority=claim.priority,
            confidence=confidence(finding.adjusted_p, hits=right, judged=judged),
            test=claim.test,
            unit=claim.unit,
            n=claim.n,
            effect=claim.effect,
            low=claim.low,
            high=claim.high,
            p=claim.p,
            adjusted_p=finding.adjusted_p,
            hypotheses=finding.hypotheses,
            facts=dict(claim.facts) | _rate(right, judged),
            window_start=history.start,
            window_end=history.end,
        ),
        promise=_promise(claim, horizon),
        contrary_id=claim.contrary_id,
    )


def _promise(claim: Claim, horizon: float | None) -> insights.Promise | None:
    if horizon is None:
        return None
    return insights.Promise(claim.effect, claim.nothing, horizon)


def _rate(right: int, judged: int) -> dict[str, int]:
    return {"predictions_judged": judged, "predictions_right": right}


def act(connection: Connection, written: list[insights.Written]) -> int:
    """Do what is switched on; return how much was done. All of it can be undone."""
    on = {name for name, x in automations.switches(connection).items() if x.enabled}
    sure = [each.found for each in written if each.found.confidence >= SURE_ENOUGH]
    done = 0
    if AutomationName.ROUTE_AUTO in on:
        done += _route(connection, sure)
    if AutomationName.PAUSE_PROVIDER in on:
        done += sum(_pause(connection, each) for each in sure)
    return done


def _route(connection: Connection, sure: list[insights.Found]) -> int:
    """Route ``auto`` to who beats it, and is beaten by nobody."""
    done = 0
    wins = [each for each in sure if each.kind == "method_wins"]
    for first, last in SIZES:
        size = f"{first} to {last}"
        here = [each for each in wins if each.facts["size"] == size]
        losers = {each.facts["loser"] for each in here}
        best = sorted(
            (each for each in here if each.facts["loser"] == "auto"),
            key=lambda each: each.effect,
        )
        for each in best:
            winner = str(each.facts["winner"])
            entry = catalogue().methods.get(winner)
            if winner in losers or entry is None:
                continue
            if entry.max_order is not None and entry.max_order < last:
                continue
            done += automations.route(
                connection, (first, last), winner, insight_id=each.id,
                summary=f"auto is {winner} from {first} to {last} facilities",
            )  # fmt: skip
            break
    return done


def _pause(connection: Connection, each: insights.Found) -> bool:
    if each.kind != "provider_at_risk" or each.low < FAILS_TOO_MUCH:
        return False
    provider_id = str(each.facts["provider"])
    try:
        # The service's own parts are watched for as long as it runs.
        if providers.get(connection, provider_id).kind == ProviderKind.INTERNAL:
            return False
        return automations.pause_provider(
            connection, provider_id, insight_id=each.id, summary=f"paused: {each.title}"
        )
    except NotFoundError:
        return False
