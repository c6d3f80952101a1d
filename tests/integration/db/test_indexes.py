"""What is asked of jobs again and again is answered by an index, however many ended."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event

from db.contracts.job_state import FINAL_STATES, JobState
from db.engine import Database
from db.repositories import (
    activity,
    equal_work,
    families,
    insight_history,
    jobs,
    kept,
    logs,
    queues,
    rescues,
    schedules,
    turns,
)
from db.repositories.history import HistoryFilter, count_ended, list_ended
from db.repositories.jobs import JobFilter
from tests.sample_jobs import set_row, submit

Ask = Callable[[Connection], object]

ASKED: dict[str, Ask] = {
    "running": rescues.running_jobs,
    "overdue": lambda asked: rescues.overdue_unstarted(asked, limit=9),
    "waiting": lambda asked: rescues.queued_jobs(asked, waited_seconds=1.0, limit=9),
    "unarchived": lambda asked: logs.unarchived(asked, limit=9),
    "unended": lambda asked: logs.unended(asked, limit=9),
    "by state": jobs.count_by_state,
    "by state, one owner's": lambda asked: jobs.count_by_state(asked, owner="x"),
    "queued": activity.count_queued,
    "activity": activity._running,
    "standings": queues.standings,
    "standing": lambda asked: queues.standing_of(asked, "standard"),
    "turn": lambda asked: turns.take_turn(asked, "standard", max_running=1),
    "leader": lambda asked: equal_work.find_leader(asked, "x"),
    "done": lambda asked: equal_work.find_done(asked, "x", max_age_seconds=9.0),
    "followers": lambda asked: equal_work.followers_of(asked, "x", limit=9),
    "leaderless": lambda asked: equal_work.leaderless(asked, limit=9),
    "families": lambda asked: families.needing_a_lead(asked, limit=9),
    "children": lambda asked: families.next_held(asked, "x", limit=9),
    "a schedule's": lambda asked: schedules.unended_jobs(asked, "x", limit=9),
    "old": lambda asked: kept.due_for_deletion(
        asked, "solve", ended_before=1.0, limit=9
    ),
    "insights": lambda asked: insight_history.timed_solves(asked, since=1.0),
    "history": lambda asked: list_ended(asked, HistoryFilter(), after=None, limit=9),
    "history's count": lambda asked: count_ended(asked, HistoryFilter()),
    "of an instance": lambda asked: jobs.list_jobs(
        asked, JobFilter(instance_sha256="x"), after=None, limit=9
    ),
    "of a family": lambda asked: jobs.list_jobs(
        asked, JobFilter(parent_id="x"), after=None, limit=9
    ),
}


def plans_of(database: Database, ask: Ask) -> list[str]:
    """Return how SQLite goes about each statement."""
    plans: list[str] = []

    def explain(
        connection: Connection, _: Any, statement: str, parameters: Any, *__: Any
    ) -> None:
        asked = f"explain query plan {statement}"
        cursor = connection.connection.cursor()
        plans.extend(row[-1] for row in cursor.execute(asked, parameters))

    with database.reading() as connection:
        event.listen(connection, "before_cursor_execute", explain)
        ask(connection)
    return plans


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_no_question_that_is_asked_often_reads_all_jobs(
    sqlite: Database, ask: Ask
) -> None:
    plans = plans_of(sqlite, ask)
    assert plans
    # With an index: of some rows only, or of columns that answer the question.
    assert not [plan for plan in plans if plan in ("SCAN job", "SCAN job_1")], plans


def test_the_newest_of_one_state_are_found_without_sorting(sqlite: Database) -> None:
    chosen = JobFilter(states=(JobState.QUEUED,))
    assert plans_of(
        sqlite, lambda asked: jobs.list_jobs(asked, chosen, after=None, limit=50)
    ) == ["SEARCH job USING INDEX ix_job_listed (state=?)"]


@pytest.mark.parametrize("state", FINAL_STATES)
def test_states_are_counted_with_those_that_have_ended(
    database: Database, state: JobState
) -> None:
    for number in range(3):
        job_id = submit(database)
        if number:
            set_row(database, job_id, state=state.value, finished_at=1.0)
    with database.reading() as connection:
        counts = jobs.count_by_state(connection)
    assert counts == {**dict.fromkeys(JobState, 0), JobState.QUEUED: 1, state: 2}
