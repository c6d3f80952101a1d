"""Looks for findings in what happened, and holds earlier ones against what came since.

Harmless to run twice: the same history has the same findings.
"""

import logging
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
from sqlalchemy import Connection

from db.backplane import Backplane
from db.contracts.event import timestamp
from db.contracts.insight import Evidence
from db.contracts.job_kind import OF_SOLVES
from db.contracts.kinds import KINDS as JOB_KINDS
from db.models import Insight
from db.repositories import insight_history, insights
from db.repositories.insights import NewInsight, Verdict
from schedules.insights.anomalies import ENDED, FAILED, LATENCY
from schedules.insights.capacity import AGES
from schedules.insights.finding import Finding
from schedules.insights.history import HOUR, History, Hours, Solve
from schedules.insights.study import KINDS, later, study
from schedules.insights.watched import CALLS, FAILURES

logger = logging.getLogger(__name__)

DAYS = 15
MOST_KEPT = 100
"""Findings of one run; more than these nobody reads."""

_FAMILY = re.compile(r"[a-z]+")
_SERIES = (
    *(f"{ENDED}{kind}" for kind in JOB_KINDS),
    *(f"{FAILED}{kind}" for kind in JOB_KINDS),
    *(LATENCY, "worker_busy_ratio", "worker_slots"),
    *(f"{AGES}{queue}" for queue in OF_SOLVES),
)


def find(backplane: Backplane) -> None:
    """Study the history, record what stands, judge what was claimed before."""
    if not backplane.settings.insights:
        return
    with backplane.database.reading() as connection:
        history = read(connection)
        claimed = insights.unjudged(connection)
    found = [_new(each, history) for each in study(history)[:MOST_KEPT]]
    judged = [(each, _verdict(each, history)) for each in claimed]
    with backplane.database.transaction() as connection:
        for each, verdict in judged:
            if verdict is not None:
                insights.judge(connection, each, verdict)
        changed = insights.replace_all(connection, found)
    if changed:
        logger.info("insights", extra={"action": "insights_changed", "count": changed})


def read(connection: Connection) -> History:
    """Read what findings are made of, up to the last hour that is over."""
    newest = insight_history.newest_hour(connection)
    return History(_solves(connection), _hours(connection, newest))


def _solves(connection: Connection) -> list[Solve]:
    rows = insight_history.latest_solves(connection)
    courses = insight_history.results_of(connection, [row["id"] for row in rows])
    solves = []
    for row in rows:
        request = orjson.loads(row["request"])
        limits = request.get("limits", {})
        name = request.get("instance_name") or ""
        family = _FAMILY.match(name)
        # Who stops for another reason than time had less of it.
        is_timed = set(_given(limits)) <= {"time_s", "deadline_s"}
        solves.append(
            Solve(
                method=row["method"],
                instance=row["instance_sha256"],
                family=family[0] if family else "",
                order=row["matrix_order"],
                time_limit_s=limits.get("time_s") if is_timed else None,
                objective=row["objective"],
                elapsed_s=row["elapsed_s"],
                fingerprint=row["fingerprint"],
                ended_at=row["finished_at"],
                improvements=_course(courses.get(row["id"])),
            )
        )
    return solves


def _given(limits: Mapping[str, Any]) -> list[str]:
    return [name for name, value in limits.items() if value is not None]


def _course(result: str | None) -> tuple[tuple[float, float], ...]:
    if result is None:
        return ()
    told = orjson.loads(result).get("improvements") or ()
    return tuple((float(at), float(value)) for at, value in told)


def _hours(connection: Connection, newest: float | None) -> Hours:
    if newest is None:
        return Hours(0.0, {})
    until = newest + HOUR
    since = until - DAYS * 24 * HOUR
    told = insight_history.hours_of_series(
        connection, _SERIES, since=since, until=until
    )
    watched = insight_history.hours_of_providers(connection, since=since, until=until)
    for name, hours in watched.items():
        told[f"{CALLS}{name}"] = {at: float(calls) for at, (calls, _) in hours.items()}
        told[f"{FAILURES}{name}"] = {
            at: float(failed) for at, (_, failed) in hours.items()
        }
    first = min((min(points) for points in told.values() if points), default=newest)
    count = round((until - first) / HOUR)
    return Hours(
        first,
        {
            name: np.array([points.get(first + HOUR * k, np.nan) for k in range(count)])
            for name, points in told.items()
            if points
        },
    )


def _new(found: Finding, history: History) -> NewInsight:
    kind, hypothesis = found.kind, found.hypothesis
    told = kind.tell(hypothesis)
    moments = [each.ended_at for each in history.solves]
    if history.hours.count:
        moments += [history.hours.begin, history.hours.end]
    return NewInsight(
        kind=kind.name,
        claim=found.claim,
        title=told.title,
        description=told.description,
        impact=told.impact,
        action=kind.action,
        priority=told.priority,
        evidence=Evidence(
            n=hypothesis.n,
            effect=hypothesis.effect,
            low=hypothesis.low,
            high=hypothesis.high,
            unit=hypothesis.unit,
            p=hypothesis.p,
            p_adjusted=found.p_adjusted,
            test=kind.test,
            query=kind.query,
            data_from=timestamp(min(moments)),
            data_until=timestamp(max(moments)),
        ),
    )


def _verdict(claimed: Insight, history: History) -> Verdict | None:
    """Return whether later data point the same way; None while they are too few."""
    kind = KINDS.get(claimed.kind)
    if kind is None:
        return None
    for each in later(kind, history, claimed.claimed_at):
        if f"{kind.name}/{each.claim}" == claimed.claim:
            agrees = each.effect * claimed.claimed_effect > 0
            return Verdict(confirmed=agrees, n=each.n, effect=each.effect)
    return None
