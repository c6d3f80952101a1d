"""When no call is made: budgets, what servers ask for, and their counts."""

from db.backplane import Backplane
from db.contracts.provider import (
    Limit,
    Window,
)
from schedules.provider_health.prober import Prober
from tests.fleet import HEALTHY, Fleet, Reply
from tests.sample_providers import (
    ScriptedClock,
    add,
    changes,
    check,
    checks,
    found,
    notices,
    usages,
)


def test_who_asks_to_wait_is_left_alone(
    servers: Fleet, watched: Backplane, prober: Prober, clock: ScriptedClock
) -> None:
    busy = Reply(status=429, headers={"retry-after": "90"})
    add(watched, "busy", servers.script("waits", busy, HEALTHY))
    check(prober)
    check(prober)
    clock.forward_s += 45
    check(prober)
    clock.forward_s += 46
    check(prober)
    rows = [(each.outcome, each.error_type) for each in checks(watched, "busy")]
    assert rows == [
        ("rate_limited", "rate_limited"),
        ("blocked", "asked_to_wait"),
        ("blocked", "asked_to_wait"),
        ("success", None),
    ]
    assert len(servers.asked["waits"]) == 2
    assert changes(watched, "busy") == ["degraded", "online"]


def test_a_budget_that_a_server_declares_is_kept(
    servers: Fleet, watched: Backplane, prober: Prober, clock: ScriptedClock
) -> None:
    spent = Reply(headers={"ratelimit": '"default";r=0;t=50'})
    add(watched, "metered", servers.script("metered", spent, HEALTHY))
    check(prober)
    check(prober)
    clock.forward_s += 51
    check(prober)
    rows = [(each.outcome, each.error_type) for each in checks(watched, "metered")]
    assert rows == [("success", None), ("blocked", "budget"), ("success", None)]
    assert found(watched, "metered").declared is None


def test_a_spent_budget_makes_no_call_and_is_told_once(
    servers: Fleet, watched: Backplane, prober: Prober, clock: ScriptedClock
) -> None:
    limits = (Limit(per=Window.DAY, calls=5), Limit(per=Window.HOUR, calls=1000))
    # At the begin of a day, so that no window ends meanwhile.
    clock.forward_s = 86_400 - clock.now() % 86_400 + 600
    add(watched, "few", servers.script("few", HEALTHY), limits=limits)
    for _ in range(7):
        check(prober)
    rows = [(each.outcome, each.error_type) for each in checks(watched, "few")]
    assert rows == [("success", None)] * 5 + [("blocked", "budget")] * 2
    assert "5 of 5 calls in this day" in checks(watched, "few")[-1].error
    assert len(servers.asked["few"]) == 5
    warned = [
        each for each in notices(watched, "few") if each["type"] == "budget.warned"
    ]
    told = [(each["severity"], each["current_usage"]) for each in warned]
    assert told == [("warning", 4), ("critical", 5)]
    assert warned[0]["limit_type"] == "per_day"
    ((day, hour),) = watched.budgets.read(
        [(found(watched, "few").id, limits)], clock.now()
    )
    assert (day.used, day.percentage, day.status) == (5, 100, "blocked")
    assert (hour.used, hour.status) == (5, "ok")
    # Recorded at the first call, and again when there was something to tell.
    written = [
        (each.per, each.used) for each in usages(watched, "few") if each.per == "day"
    ]
    assert written == [("day", 1), ("day", 4), ("day", 5)]
    clock.forward_s += 86_400
    check(prober)
    assert checks(watched, "few")[-1].outcome == "success"
