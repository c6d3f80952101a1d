"""Checks go on while a part of the service is away, and say so."""

from collections.abc import Iterator

import pytest

from db.backplane import Backplane
from db.contracts.channel import ChannelName
from db.contracts.errors import DatabaseUnavailableError
from db.contracts.provider import Limit, ProviderKind, Window
from db.embedded_valkey import EmbeddedValkey
from db.reconciler import Reconciler
from db.repositories import providers
from schedules import providers as door
from schedules.provider_health import prober as probing
from schedules.provider_health.prober import Prober
from tests.conftest import OpenBackplane
from tests.fleet import HEALTHY, NETWORK, Fleet, Reply, fleet
from tests.sample_providers import add, changes, check, checks, found, notices
from tests.waiting import wait_until


@pytest.fixture
def own(
    open_backplane: OpenBackplane, sqlite_url: str, own_valkey: EmbeddedValkey
) -> Backplane:
    return open_backplane(
        database_url=sqlite_url,
        redis_url=own_valkey.redis_url,
        provider_allow_cidrs=(NETWORK,),
    )


@pytest.fixture
def alone() -> Iterator[Fleet]:
    with fleet() as running:
        yield running


def test_without_redis_checks_are_made_and_told_when_it_is_back(
    alone: Fleet, own: Backplane, own_valkey: EmbeddedValkey
) -> None:
    prober = Prober(own)
    url = alone.script("steady", HEALTHY, Reply(status=500))
    add(own, "steady", url, limits=(Limit(per=Window.DAY, calls=3),))
    add(own, "redis", "", kind=ProviderKind.INTERNAL)
    check(prober)
    own_valkey.stop()
    check(prober)
    check(prober)
    check(prober)
    # Budgets hold: this process knows what was spent.
    outcomes = [each.outcome for each in checks(own, "steady")]
    assert outcomes == ["success", "failed", "failed", "blocked"]
    assert changes(own, "steady") == ["online", "degraded"]
    assert changes(own, "redis") == ["online", "offline"]
    assert checks(own, "redis")[-1].error_type == "part"
    own_valkey.start()
    check(prober)
    assert changes(own, "redis") == ["online", "offline", "online"]
    noted = [each["type"] for each in notices(own, "steady")]
    assert noted[:2] == ["provider.up", "provider.degraded"]
    reconciler = Reconciler(own)

    def told() -> set[str]:
        # It leaves alone what may just be on its way.
        reconciler.reconcile_all()
        page = own.channels.read(ChannelName.PROVIDERS)
        return {each.type for each in page.events}

    wait_until(lambda: told() >= {"provider.degraded", "provider.down"})
    prober.drain(30.0)


def test_beat_hands_over_and_goes_on(alone: Fleet, own: Backplane) -> None:
    url = alone.script("hanging", Reply(hangs=True))
    add(own, "hanging", url)
    # It comes back although nobody has answered yet.
    door.check_due(own)
    wait_until(lambda: alone.asked["hanging"])
    door.check_due(own)
    assert len(alone.asked["hanging"]) == 1
    alone.let_go()
    door.drain(30.0)
    assert [each.error_type for each in checks(own, "hanging")] == ["network"]
    # Nothing is begun in a process that ends: another may have it.
    with own.database.transaction() as connection:
        providers.make_due(connection)
    door.check_due(own)
    assert len(checks(own, "hanging")) == 1
    assert found(own, "hanging").claimed_until == 0.0


def test_without_the_database_a_check_is_made_again_later(
    alone: Fleet, own: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    prober = Prober(own)
    add(own, "again", alone.script("again", HEALTHY))

    def away(*_: object, **__: object) -> None:
        raise DatabaseUnavailableError

    with monkeypatch.context() as patch:
        patch.setattr(probing, "write", away)
        check(prober)
    assert checks(own, "again") == []
    # Nobody has it before the claim has lapsed.
    assert prober.take() == 0
    prober.drain(30.0)
