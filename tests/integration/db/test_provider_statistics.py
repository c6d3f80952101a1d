"""What checks have come to by window: the same as counting the checks one by one."""

import math
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete

from db.contracts.provider import CheckOutcome, ErrorType, ProviderState
from db.contracts.response_times import ACCURACY
from db.engine import Database
from db.models import ProviderCheck
from db.repositories import provider_history, provider_statistics, providers
from db.repositories.jobs import database_time
from tests.recorded_checks import FAILED, REFUSED, add_provider, record_check

HOUR = 3600.0
SEEN: list[dict[str, Any]] = [
    {"response_ms": 12.5, "size": 3},
    {"response_ms": 800.0, "size": 5, "retries": 1},
    FAILED | {"response_ms": 3.0, "retries": 2},
    REFUSED,
    {"outcome": CheckOutcome.TIMEOUT, "error_type": ErrorType.TIMEOUT},
    {
        "outcome": CheckOutcome.RATE_LIMITED,
        "error_type": ErrorType.RATE_LIMITED,
        "response_ms": 9.0,
    },
    {"outcome": CheckOutcome.BLOCKED, "error_type": ErrorType.BUDGET},
]
UNTIMED = {ErrorType.NETWORK, ErrorType.TIMEOUT, ErrorType.BUDGET}
Made = list[tuple[str, float, dict[str, Any]]]


def clock(database: Database) -> float:
    with database.reading() as connection:
        return database_time(connection)


def fill(database: Database, seed: int) -> tuple[list[str], float, Made]:
    """Record checks of two providers over five hours; return what they were."""
    random = np.random.default_rng(seed)
    end = clock(database)
    ids = [add_provider(database, name=name).id for name in ("one", "two")]
    made: Made = []
    with database.transaction() as connection:
        for at in sorted(random.uniform(end - 5 * HOUR, end, 100).tolist()):
            # Some at the very beginning of an hour.
            at = math.floor(at / HOUR) * HOUR if random.random() < 0.05 else at
            seen = dict(SEEN[random.integers(len(SEEN))])
            if "response_ms" in seen:
                seen["response_ms"] *= float(random.lognormal())
            of = ids[random.integers(2)]
            record_check(connection, of, at, **seen)
            made.append((of, at, seen))
    return ids, end, made


def outcome_of(seen: dict[str, Any]) -> CheckOutcome:
    return CheckOutcome(seen.get("outcome", CheckOutcome.SUCCESS))


def check_against(found: provider_statistics.Attempts, seen: Made) -> None:
    """Compare with what counting says, but for quantiles."""
    outcomes = Counter(outcome_of(each) for _, _, each in seen)
    assert +found.outcomes == outcomes
    assert found.calls == len(seen) - outcomes[CheckOutcome.BLOCKED]
    assert found.retried == sum("retries" in each for *_, each in seen)
    assert found.retried_well == sum(
        "retries" in each and outcome_of(each) == "success" for *_, each in seen
    )
    assert found.bytes == sum(each.get("size", 0) for *_, each in seen)
    took = times_of(seen)
    assert found.times.count == len(took)
    assert found.times.sum_ms == pytest.approx(sum(took), abs=1e-6)


def times_of(seen: Made) -> list[float]:
    return sorted(
        each["response_ms"]
        for *_, each in seen
        if "response_ms" in each and each.get("error_type") not in UNTIMED
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_windows_are_what_counting_finds(database: Database, seed: int) -> None:
    ids, now, made = fill(database, seed)
    random = np.random.default_rng(seed)
    for _ in range(15):
        begin, end = sorted(random.uniform(now - 6 * HOUR, now, 2).tolist())
        kind = random.integers(4)
        begin = math.floor(begin / HOUR) * HOUR if kind == 1 else begin
        until = None if kind == 2 else end
        within = [
            each
            for each in made
            if begin <= each[1] and (until is None or each[1] < until)
        ]
        window = {"begin": begin, "end": until}
        with database.reading() as connection:
            one = provider_statistics.attempts(connection, ids[0], **window)
            each_of = provider_statistics.by_provider(connection, **window)
            errors = provider_statistics.errors(connection, **window)
            traffic = provider_statistics.traffic(connection, **window)
        of_one = [each for each in within if each[0] == ids[0]]
        check_against(one, of_one)
        kinds = Counter(e["error_type"] for *_, e in within if "error_type" in e)
        assert +errors == kinds
        for of in ids:
            empty = provider_statistics.Attempts()
            mine = [each for each in within if each[0] == of]
            check_against(each_of.get(of, empty), mine)
        assert traffic.calls == sum(each.calls for each in each_of.values())
        timed = times_of(within)
        if timed:
            assert traffic.mean_ms == pytest.approx(sum(timed) / len(timed))
        assert (traffic.mean_ms is None) == (not timed)
        assert traffic.failures == sum(kinds.values()) - kinds[ErrorType.BUDGET]
        took = times_of(of_one)
        for q in (0.5, 0.95, 0.99):
            quantile = one.times.quantile_ms(q)
            assert (quantile is None) == (not took)
            if quantile is not None:
                exact = took[math.ceil(q * len(took)) - 1]
                assert abs(quantile - exact) <= exact * (ACCURACY + 1e-9)


def test_hours_outlive_the_checks_of_which_they_tell(database: Database) -> None:
    ids, now, made = fill(database, 3)
    begin = now - 4 * HOUR
    with database.transaction() as connection:
        connection.execute(delete(ProviderCheck))
        found = provider_statistics.attempts(connection, ids[0], begin=begin)
        each_of = provider_statistics.by_provider(connection, begin=begin)
        by_hour = provider_statistics.hours(connection, ids[0], begin=begin)
    first = math.floor(begin / HOUR) * HOUR
    kept = [each for each in made if each[0] == ids[0] and each[1] >= first]
    check_against(found, kept)
    check_against(each_of[ids[0]], kept)
    for hour, attempts in by_hour:
        of_hour = [each for each in kept if hour <= each[1] < hour + HOUR]
        check_against(attempts, of_hour)
    assert sum(each.outcomes.total() for _, each in by_hour) == len(kept)
    with database.transaction() as connection:
        provider_statistics.forget_hours(connection, older_than_seconds=2 * HOUR)
        left = provider_statistics.hours(connection, ids[0], begin=begin)
    # The hour in which that moment is stays.
    assert [hour for hour, _ in left] == [
        hour for hour, _ in by_hour if hour + HOUR > now - 2 * HOUR
    ]


def test_uptime_is_made_of_the_changes_of_a_window(database: Database) -> None:
    found = add_provider(database)
    now = clock(database)
    with database.transaction() as connection:
        record_check(connection, found.id, now - 1000, response_ms=1.0)
        for later in (900, 890, 880):
            record_check(connection, found.id, now - later, **FAILED)
        record_check(connection, found.id, now - 400, response_ms=3000.0)
        held = providers.get(connection, found.id)
        whole = provider_history.uptime(connection, held, begin=now - 1200, end=now)
        part = provider_history.uptime(connection, held, begin=now - 900, end=now - 300)
        rows = provider_history.list_changes(connection, found.id, after=None, limit=10)
    assert {state: round(s, 3) for state, s in whole.seconds.items()} == {
        ProviderState.UNKNOWN: 200,
        ProviderState.ONLINE: 120,
        ProviderState.OFFLINE: 480,
        ProviderState.DEGRADED: 400,
    }
    assert whole.up == pytest.approx(0.52)
    assert part.up == pytest.approx(120 / 600)
    assert [each.new_state for each in rows] == ["degraded", "offline", "online"]


def test_nobody_knows_how_it_is_while_it_is_paused(database: Database) -> None:
    found = add_provider(database)
    now = clock(database)
    with database.transaction() as connection:
        record_check(connection, found.id, now - 100, response_ms=1.0)
        paused = providers.set_paused(connection, found.id, paused=True)
        again = providers.set_paused(connection, found.id, paused=True)
        rows = provider_history.list_changes(connection, found.id, after=None, limit=10)
    assert (paused.state, paused.next_at, again.state) == ("unknown", None, "unknown")
    assert [each.new_state for each in rows] == ["unknown", "online"]
    with database.transaction() as connection:
        resumed = providers.set_paused(connection, found.id, paused=False)
    assert (resumed.state, resumed.next_at is not None) == ("unknown", True)


def test_nothing_is_known_of_a_place_that_was_not_asked(database: Database) -> None:
    found = add_provider(database)
    now = clock(database)
    with database.transaction() as connection:
        record_check(connection, found.id, now - 100, **FAILED)
        held = providers.get(connection, found.id)
        same = providers.description_of(held)
        renamed = providers.change(connection, found.id, replace(same, name="Others"))
        moved = providers.change(
            connection,
            found.id,
            replace(same, url="https://other.example/"),
        )
    assert (renamed.state, moved.state) == ("offline", "unknown")
    assert (renamed.version, moved.version) == (2, 3)
