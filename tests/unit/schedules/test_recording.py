"""What is recorded of a run, and that the record never stands in its way."""

from datetime import UTC, datetime, timedelta

import pytest

from db.backplane import Backplane
from db.contracts.errors import DatabaseUnavailableError
from db.repositories import beat_runs
from schedules.beat import Schedule
from schedules.recording import run_recorded

TICK = Schedule("tick", 60.0, "module:function", "Tick.")


def nothing(_: Backplane) -> None:
    pass


def breaks(_: Backplane) -> None:
    raise LookupError("there is none")


def test_beats_stamp_says_when_it_sent_a_message() -> None:
    sent = datetime(2026, 11, 1, 12, tzinfo=UTC)
    expires = (sent + timedelta(seconds=TICK.expires_seconds)).isoformat()
    assert TICK.sent_at(expires) == sent.timestamp()
    assert TICK.sent_at(datetime.fromisoformat(expires)) == sent.timestamp()
    assert TICK.sent_at(None) is None


def test_a_run_is_recorded(sqlite_backplane: Backplane) -> None:
    run_recorded(TICK, nothing, sqlite_backplane, None)
    with sqlite_backplane.database.reading() as connection:
        found = beat_runs.standings(connection)["tick"]
    assert (found.records, found.outcome, found.every_s) == (1, "ok", 60.0)
    assert found.begun_at is None


def test_that_it_runs_can_be_seen(sqlite_backplane: Backplane) -> None:
    seen: list[float | None] = []

    def look(backplane: Backplane) -> None:
        with backplane.database.reading() as connection:
            seen.append(beat_runs.standings(connection)["tick"].begun_at)

    run_recorded(TICK, nothing, sqlite_backplane, None)
    run_recorded(TICK, look, sqlite_backplane, None)
    assert seen[0] is not None


def test_an_error_is_recorded_and_goes_on(sqlite_backplane: Backplane) -> None:
    with pytest.raises(LookupError):
        run_recorded(TICK, breaks, sqlite_backplane, None)
    with sqlite_backplane.database.reading() as connection:
        (run,) = beat_runs.list_runs(connection, "tick", before=None, limit=10)
    assert (run.outcome, run.error_type, run.error) == (
        "failed",
        "LookupError",
        "there is none",
    )


def test_a_run_does_its_work_while_the_record_is_away(
    sqlite_backplane: Backplane,
) -> None:
    done: list[bool] = []

    class Away:
        def admit(self) -> None:
            raise DatabaseUnavailableError

        def succeeded(self) -> None: ...

        def failed(self) -> None: ...

    sqlite_backplane.database.watch = Away()
    run_recorded(TICK, lambda _: done.append(True), sqlite_backplane, None)
    assert done
