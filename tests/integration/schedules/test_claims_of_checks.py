"""Who checks a provider: one process at a time, and another if that one dies."""

import threading

import pytest
from sqlalchemy import func, select, update

from db.backplane import Backplane
from db.contracts.provider import Collection, Limit, Window
from db.engine import now
from db.models import (
    Provider,
    ProviderChange,
    ProviderCheck,
    ProviderCollection,
    ProviderUsage,
)
from db.repositories import provider_checks, providers
from db.repositories.provider_checks import Claimed
from schedules import retention
from schedules.provider_health.prober import AHEAD_S, MARGIN_S, Prober
from tests.conftest import OpenBackplane
from tests.fleet import HEALTHY, Fleet, Reply
from tests.sample_providers import HASTY, add, changes, check, checks, found
from tests.waiting import wait_until


def claim(backplane: Backplane, *, hold_s: float, limit: int = 100) -> list[Claimed]:
    with backplane.database.transaction() as connection:
        return provider_checks.claim_due(
            connection, ahead_s=0.0, hold_s=lambda _: hold_s, limit=limit
        )


def test_of_two_that_claim_at_once_each_gets_others(watched: Backplane) -> None:
    for number in range(40):
        add(watched, f"p{number}", "https://example.com/")
    got: list[str] = []
    start = threading.Barrier(4)

    def take() -> None:
        start.wait()
        for _ in range(4):
            got.extend(each.provider.id for each in claim(watched, hold_s=60, limit=5))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # One that came while others had the rows locked may have gone away with nothing.
    got += [each.provider.id for each in claim(watched, hold_s=60)]
    assert len(got) == len(set(got)) == 40


def test_what_a_dead_process_had_claimed_is_checked_by_another(
    servers: Fleet, watched: Backplane, prober: Prober
) -> None:
    add(watched, "orphan", servers.script("orphan", HEALTHY))
    (dead,) = claim(watched, hold_s=60)
    assert prober.take() == 0
    with watched.database.transaction() as connection:
        # As if the minute were over.
        connection.execute(update(Provider).values(claimed_until=now() - 1))
    check(prober)
    assert [each.number for each in checks(watched, "orphan")] == [1]
    # The dead one comes back and tells what it saw: too late.
    made = prober._checker.make(dead)
    with watched.database.transaction() as connection:
        late = provider_checks.record(connection, dead, made.checked, next_at=0.0)
    assert late is None
    assert [each.number for each in checks(watched, "orphan")] == [1]


def test_what_was_asked_of_a_provider_before_it_changed_does_not_count(
    servers: Fleet, watched: Backplane, prober: Prober
) -> None:
    add(watched, "moved", servers.script("old-place", Reply(status=500)))
    (before,) = claim(watched, hold_s=60)
    made = prober._checker.make(before)
    new = providers.description_of(found(watched, "moved"))
    with watched.database.transaction() as connection:
        providers.change(connection, before.provider.id, new)
        assert not provider_checks.record(connection, before, made.checked, next_at=0.0)
    assert checks(watched, "moved") == []
    assert found(watched, "moved").state == "unknown"


def test_a_paused_provider_is_not_checked_again(
    servers: Fleet, watched: Backplane, prober: Prober
) -> None:
    add(watched, "paused", servers.script("paused", HEALTHY))
    (claimed,) = claim(watched, hold_s=60)
    with watched.database.transaction() as connection:
        providers.set_paused(connection, claimed.provider.id, paused=True)
    made = prober._checker.make(claimed)
    with watched.database.transaction() as connection:
        late = provider_checks.record(
            connection, claimed, made.checked, next_at=made.next_at
        )
    assert late is None
    assert found(watched, "paused").next_at is None
    assert prober.take() == 0


def test_a_claim_is_held_for_as_long_as_the_check_may_take(
    servers: Fleet, watched: Backplane, prober: Prober
) -> None:
    url = servers.script("held", Reply(hangs=True))
    expected = HASTY.model_copy(update={"timeout_ms": 20_000})
    row = add(watched, "held", url, expectation=expected)
    prober.take()
    wait_until(lambda: servers.asked["held"])
    held = found(watched, "held").claimed_until - (row.next_at or 0.0)
    assert AHEAD_S + 40 + MARGIN_S <= held < AHEAD_S + 40 + MARGIN_S + 30
    servers.let_go()
    prober.drain(30.0)


def test_a_process_that_ends_gives_back_what_it_has_not_begun(
    servers: Fleet, watched: Backplane, prober: Prober
) -> None:
    url = servers.script("ends", Reply(hangs=True))
    add(watched, "begun", url, expectation=HASTY)
    add(watched, "not begun", url, expectation=HASTY)
    with watched.database.transaction() as connection:
        later = Provider.name == "not begun"
        connection.execute(update(Provider).where(later).values(next_at=now() + 1))
    assert prober.take() == 2
    wait_until(lambda: servers.asked["ends"])
    prober.drain(30.0)
    assert [each.outcome for each in checks(watched, "begun")] == ["timeout"]
    assert checks(watched, "not begun") == []
    assert found(watched, "not begun").claimed_until == 0.0
    assert prober.take() == 0


def test_a_provider_that_hangs_holds_no_other(
    open_backplane: OpenBackplane,
    watched: Backplane,
    servers: Fleet,
) -> None:
    settings = watched.settings
    small = open_backplane(
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        provider_allow_cidrs=settings.provider_allow_cidrs,
        provider_threads=3,
    )
    prober = Prober(small)
    hanging = servers.script("hangs", Reply(hangs=True))
    healthy = servers.script("healthy", HEALTHY)
    for number in range(2):
        add(watched, f"hanging {number}", hanging)
    for number in range(10):
        add(watched, f"healthy {number}", healthy)
    # Beat comes once; where more is due than there are threads, they go on by
    # themselves, as long as half of them are free.
    wait_until(lambda: prober.take() == 0 and len(servers.asked["healthy"]) == 10)
    assert len(servers.asked["hangs"]) == 2
    servers.let_go()
    prober.drain(30.0)


def test_old_checks_are_forgotten(
    servers: Fleet, watched: Backplane, prober: Prober, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PORTION", 2)
    script = (HEALTHY, Reply(status=500)) * 3
    add(
        watched,
        "kept",
        servers.script("kept", *script),
        expectation=HASTY.model_copy(update={"failures": 1, "timeout_ms": 10_000}),
        collection=Collection(series={"usd": "/rates/usd"}),
        limits=(Limit(per=Window.DAY, calls=1000),),
    )
    for _ in script:
        check(prober)
    days = watched.settings.provider_check_days
    with watched.database.transaction() as connection:
        for table in (ProviderCheck, ProviderCollection, ProviderChange):
            number = table.check_number if table is ProviderChange else table.number
            old = update(table).where(number <= 5)
            connection.execute(old.values(at=table.at - days * 86_400))
        old = update(ProviderUsage)
        connection.execute(old.values(at=ProviderUsage.at - days * 86_400))
    retention.forget(watched)
    assert [each.number for each in checks(watched, "kept")] == [6]
    with watched.database.reading() as connection:
        left = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (ProviderCollection, ProviderUsage)
        ]
    assert left == [1, 0]
    # Uptime is made of them: they are kept for longer.
    assert len(changes(watched, "kept")) == 6
