"""Budgets: counted for all processes in Redis, and in each while it is away."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from db.budget import Budgets
from db.contracts.provider import Limit, Window
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey

AT = 1_800_000_000.0
MINUTE = Limit(per=Window.MINUTE, calls=10)
HOUR = Limit(per=Window.HOUR, calls=12)


def budgets(server: EmbeddedValkey) -> Budgets:
    return Budgets(Settings(redis_url=server.redis_url))


def used(of: Budgets, *limits: Limit, at: float = AT) -> list[int]:
    ((*usages,),) = of.read([("prv_1", limits)], at)
    return [each.used for each in usages]


def test_processes_that_spend_at_once_spend_no_more_than_there_is(
    valkey: EmbeddedValkey,
) -> None:
    processes = [budgets(valkey) for _ in range(4)]

    def spend(number: int) -> bool:
        of = processes[number % len(processes)]
        return of.spend("prv_1", [MINUTE, HOUR], AT).is_allowed

    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(spend, range(60)))
    assert sum(allowed) == 10
    # What one window refuses counts in none.
    assert [used(each, MINUTE, HOUR) for each in processes] == [[10, 10]] * 4
    # In the next minute, the hour has two left.
    more = [processes[0].spend("prv_1", [MINUTE, HOUR], AT + 60) for _ in range(5)]
    assert sum(each.is_allowed for each in more) == 2
    assert used(processes[1], MINUTE, HOUR, at=AT + 60) == [2, 12]
    assert all(each.is_shared for each in processes)


def test_each_call_gets_a_count_of_its_own(valkey: EmbeddedValkey) -> None:
    processes = [budgets(valkey) for _ in range(3)]
    with ThreadPoolExecutor(6) as pool:
        spent = list(
            pool.map(lambda n: processes[n % 3].spend("prv_1", [MINUTE], AT), range(10))
        )
    # Who brings it to 8 and to 10 tells of it, and nobody else.
    assert sorted(each.usages[0].used for each in spent) == list(range(1, 11))
    crossed = [each.usages[0].crossed for each in spent if each.usages[0].crossed]
    assert sorted(crossed) == ["critical", "warning"]


def test_a_clock_that_is_behind_counts_in_the_newer_window(
    valkey: EmbeddedValkey,
) -> None:
    early, late = budgets(valkey), budgets(valkey)
    late.spend("prv_1", [MINUTE], AT + 60)
    assert early.spend("prv_1", [MINUTE], AT + 59).usages[0].used == 2


def test_budgets_of_others_are_others(valkey: EmbeddedValkey) -> None:
    of = budgets(valkey)
    of.spend("prv_1", [MINUTE], AT)
    of.spend("prv_2", [MINUTE], AT)
    of.spend("prv_2", [MINUTE], AT)
    both = of.read([("prv_1", [MINUTE]), ("prv_2", [MINUTE]), ("prv_3", [])], AT)
    assert [[each.used for each in usages] for usages in both] == [[1], [2], []]
    assert used(of, MINUTE.model_copy(update={"per": Window.DAY})) == [0]


def test_while_redis_is_away_calls_are_counted_and_told_afterwards(
    own_valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.budget.PAUSE_AFTER_FAILURE_SECONDS", 0.0)
    one, other = budgets(own_valkey), budgets(own_valkey)
    for _ in range(3):
        one.spend("prv_1", [MINUTE], AT)
    own_valkey.stop()
    # It goes on from what it knew; the other knew nothing.
    assert one.spend("prv_1", [MINUTE], AT).usages[0].used == 4
    assert other.spend("prv_1", [MINUTE], AT).usages[0].used == 1
    assert not one.is_shared
    for _ in range(6):
        assert one.spend("prv_1", [MINUTE], AT).is_allowed
    assert not one.spend("prv_1", [MINUTE], AT).is_allowed
    # A new window begins anew, and the old one's calls are told to nobody.
    assert other.spend("prv_1", [MINUTE], AT + 60).usages[0].used == 1
    own_valkey.start()
    # The server has forgotten all; what was counted meanwhile is added: 7 here.
    assert used(one, MINUTE) == [7]
    assert used(one, MINUTE) == [7]
    assert one.is_shared
    assert used(other, MINUTE, at=AT + 60) == [1]
    assert used(one, MINUTE, at=AT + 60) == [1]
