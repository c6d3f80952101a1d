"""Checks of a fleet of local servers: what is seen, recorded and told of each."""

import json

import pytest
from redis import Redis

from db.backplane import Backplane
from db.contracts.channel import ChannelName
from db.contracts.provider import (
    Collection,
    Expectation,
    Key,
    ProviderKind,
)
from schedules.provider_health.prober import Prober
from tests.fleet import DOWN, HEALTHY, OK, Fleet, Reply
from tests.sample_providers import (
    FAST,
    HASTY,
    SECRET,
    ScriptedClock,
    add,
    changes,
    check,
    checks,
    collections,
    found,
    notices,
)


def test_each_server_shows_what_it_is_like(
    servers: Fleet, watched: Backplane, prober: Prober
) -> None:
    slow = Expectation(timeout_ms=10_000, degraded_ms=20, offline_ms=30_000)
    late = Expectation(timeout_ms=10_000, degraded_ms=5, offline_ms=20)
    there = FAST.model_copy(update={"pointer": "/rates/usd"})
    lacking = FAST.model_copy(update={"pointer": "/rates/gbp"})
    rows = {
        "healthy": (servers.script("healthy", HEALTHY), there),
        "slow": (servers.script("slow", Reply(delay_s=0.03)), slow),
        "late": (servers.script("late", Reply(delay_s=0.05)), late),
        "gone": (servers.script("gone", Reply(status=404)), FAST),
        "broken": (servers.script("broken", Reply(status=500)), FAST),
        "moved": (
            servers.script("moved", Reply(status=302, headers={"location": "/x"})),
            FAST,
        ),
        "busy": (servers.script("busy", Reply(status=429)), FAST),
        "no json": (servers.script("no-json", Reply(body=b"<html>")), there),
        "lacking": (servers.script("lacking", HEALTHY), lacking),
        "hanging": (servers.script("hanging", Reply(hangs=True)), HASTY),
        "breaking": (servers.script("breaking", DOWN), FAST),
        "untrusted": (servers.tls_url("healthy"), FAST),
        "forbidden": ("https://10.1.2.3/", FAST),
    }
    for name, (url, expected) in rows.items():
        add(watched, name, url, expectation=expected)
    check(prober)
    seen = {}
    for name in rows:
        (row,) = checks(watched, name)
        assert found(watched, name).state == row.level
        seen[name] = (row.outcome, row.level, row.http_status, row.error_type)
    assert seen == {
        "healthy": ("success", "online", 200, None),
        "slow": ("success", "degraded", 200, "slow"),
        "late": ("success", "offline", 200, "slow"),
        "gone": ("failed", "degraded", 404, "status"),
        "broken": ("failed", "degraded", 500, "status"),
        "moved": ("failed", "degraded", 302, "status"),
        "busy": ("rate_limited", "degraded", 429, "rate_limited"),
        "no json": ("failed", "degraded", 200, "content"),
        "lacking": ("failed", "degraded", 200, "content"),
        "hanging": ("timeout", "offline", None, "timeout"),
        "breaking": ("failed", "offline", None, "network"),
        "untrusted": ("failed", "offline", None, "tls"),
        "forbidden": ("failed", "offline", None, "forbidden_address"),
    }
    (healthy,), (hanging,) = checks(watched, "healthy"), checks(watched, "hanging")
    assert (healthy.size, healthy.error) == (len(OK), None)
    assert hanging.response_ms >= 200
    (refused,) = checks(watched, "forbidden")
    assert "SOLVEQUEUE_PROVIDER_ALLOW_CIDRS" in refused.error
    assert refused.response_ms is None
    assert "x" not in servers.asked


def test_a_state_changes_after_enough_checks_and_is_told(
    servers: Fleet, watched: Backplane, prober: Prober, redis: Redis
) -> None:
    bad = Reply(status=500)
    script = (HEALTHY, bad, HEALTHY, bad, DOWN, DOWN, HEALTHY, bad, bad, HEALTHY)
    add(watched, "flapping", servers.script("flapping", *script))
    states = []
    for _ in script:
        check(prober)
        states.append(found(watched, "flapping").state)
    # Two in a row that are worse decide, and the last of them says how bad it is.
    assert states == [
        *("online", "online", "online", "online", "offline"),
        *("offline", "online", "online", "degraded", "online"),
    ]
    went = ["online", "offline", "online", "degraded", "online"]
    assert changes(watched, "flapping") == went
    told = notices(watched, "flapping")
    assert [each["type"] for each in told] == [
        *("provider.up", "provider.down", "provider.up"),
        *("provider.degraded", "provider.up"),
    ]
    assert [each["old_status"] for each in told] == ["unknown", *went[:-1]]
    heard = watched.channels.read(ChannelName.PROVIDERS).events
    assert [each.type for each in heard] == [each["type"] for each in told]
    # It is for everyone, although operators alone have webhooks for it.
    assert {each.owner for each in heard} == {""}
    lines = [
        json.loads(each.body)["data"]
        for each in watched.channels.read(ChannelName.LOGS).events
    ]
    kinds = [each["log_type"] for each in lines]
    assert kinds.count("connection") == len(script)
    assert kinds.count("failure") == 6
    statuses = [
        each["entry"].get("http_status_code")
        for each in lines
        if each["log_type"] == "connection"
    ]
    assert statuses == [200, 500, 200, 500, None, None, 200, 500, 500, 200]


def test_the_second_place_answers_while_the_first_does_not(
    servers: Fleet, watched: Backplane, prober: Prober
) -> None:
    first = servers.script("first", HEALTHY, DOWN, HEALTHY)
    second = servers.script("second", HEALTHY)
    add(watched, "two", first, second_url=second)
    places = []
    for _ in range(6):
        check(prober)
        row = checks(watched, "two")[-1]
        places.append((row.endpoint, row.retries, row.retry_result, row.outcome))
    ok = "success"
    assert places == [
        (first, 0, None, ok),
        (second, 1, ok, ok),
        # It stays where it was answered, until the fifth check looks back.
        (second, 0, None, ok),
        (second, 0, None, ok),
        (first, 0, None, ok),
        (first, 0, None, ok),
    ]
    assert changes(watched, "two") == ["online"]
    assert checks(watched, "two")[1].error_type == "network"
    assert len(servers.asked["first"]) == 4
    servers.script("first", DOWN)
    servers.script("second", DOWN)
    check(prober)
    row = checks(watched, "two")[-1]
    assert (row.outcome, row.retries, row.retry_result) == ("failed", 1, "failed")


def test_its_circuit_opens_and_one_check_tries_it(
    servers: Fleet, watched: Backplane, prober: Prober, clock: ScriptedClock
) -> None:
    dead = (DOWN,) * 5
    add(watched, "dead", servers.script("dead", *dead, HEALTHY), every_s=60.0)
    for _ in range(4):
        assert found(watched, "dead").open_until == 0.0
        check(prober)
    opened = found(watched, "dead")
    # Twice as long as it usually is between two checks, and then twice that.
    assert 115 <= opened.open_until - clock.now() <= 120
    assert opened.next_at is not None
    assert opened.next_at > opened.open_until
    check(prober)
    row = checks(watched, "dead")[-1]
    assert (row.outcome, row.level, row.error_type) == (
        "blocked",
        None,
        "circuit_open",
    )
    assert len(servers.asked["dead"]) == 4
    clock.forward_s += 121
    check(prober)
    assert 235 <= found(watched, "dead").open_until - clock.now() <= 240
    clock.forward_s += 241
    check(prober)
    closed = found(watched, "dead")
    assert (closed.state, closed.open_until, closed.failed_in_a_row) == ("online", 0, 0)
    assert closed.next_at is not None
    assert closed.next_at - clock.now() <= 63


def test_an_answer_that_has_not_changed_is_not_sent_again(
    servers: Fleet, watched: Backplane, prober: Prober
) -> None:
    wanted = Collection(
        series={"usd": "/rates/usd", "eur": "/rates/eur", "gbp": "/rates/gbp"},
        stale_after_s=60,
    )
    newer = Reply(body=OK.replace(b"1.5", b"1.75"), etag='"v2"')
    script = (Reply(etag='"v1"'),) * 2 + (Reply(status=503), newer)
    add(watched, "rates", servers.script("rates", *script), collection=wanted)
    for _ in range(5):
        check(prober)
    asked = [each.headers.get("if-none-match") for each in servers.asked["rates"]]
    assert asked == [None, '"v1"', '"v1"', '"v1"', '"v2"']
    status = [each.http_status for each in checks(watched, "rates")]
    assert status == [200, 304, 503, 200, 304]
    rows = collections(watched, "rates")
    values = [json.loads(each.values) for each in rows]
    old = {"usd": 1.5, "eur": 1.25, "gbp": None}
    new = {**old, "usd": 1.75}
    assert values == [old, old, {}, new, new]
    assert [each.records for each in rows] == [2, 2, 0, 2, 2]
    assert [each.skip_reason for each in rows] == [None, None, "status", None, None]
    assert rows[0].quality == pytest.approx(2 / 3)
    assert rows[2].quality == 0
    assert all(each.on_schedule for each in rows)
    last = found(watched, "rates").last_collected_at
    assert last == rows[-1].at


def test_old_numbers_are_stale(
    servers: Fleet, watched: Backplane, prober: Prober
) -> None:
    wanted = Collection(series={"usd": "/rates/usd"}, data_time="/at")
    add(watched, "old", servers.script("old", HEALTHY), collection=wanted)
    check(prober)
    (row,) = collections(watched, "old")
    assert row.data_at == 1_800_000_000
    assert (row.quality == 0.5) == (row.at - row.data_at > 900)
    assert row.staleness_s == pytest.approx(max(0.0, row.at - row.data_at), abs=1)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (Key(environment="BSCSCAN_KEY", name="X-Api-Key"), ("x-api-key", SECRET)),
        (
            Key(environment="BSCSCAN_KEY", place="bearer"),
            ("authorization", f"Bearer {SECRET}"),
        ),
        (Key(environment="BSCSCAN_KEY", place="query", name="apikey"), None),
    ],
)
def test_a_key_is_sent_and_told_nowhere(
    servers: Fleet,
    watched: Backplane,
    prober: Prober,
    key: Key,
    expected: tuple[str, str] | None,
) -> None:
    path = f"keyed-{key.place}"
    url = servers.script(path, HEALTHY, DOWN) + "?a=1"
    add(watched, "keyed", url, key=key)
    check(prober)
    check(prober)
    asked = servers.asked[path][0]
    if expected is None:
        assert asked.target == f"/{path}?a=1&apikey={SECRET}"
    else:
        assert asked.headers[expected[0]] == expected[1]
    for row in checks(watched, "keyed"):
        assert row.endpoint == url
        assert SECRET not in str(vars(row))
    logs = watched.channels.read(ChannelName.LOGS).events
    assert logs
    assert SECRET not in "".join(each.body for each in logs)


def test_without_its_key_nothing_is_asked(
    servers: Fleet, watched: Backplane, prober: Prober
) -> None:
    url = servers.script("keyless", HEALTHY)
    for name, variable in (("absent", "TRONSCAN_KEY"), ("unnamed", "PATH")):
        add(watched, name, url, key=Key(environment=variable, name="x-key"))
    check(prober)
    for name in ("absent", "unnamed"):
        (row,) = checks(watched, name)
        assert (row.outcome, row.level, row.error_type) == ("blocked", None, "no_key")
        assert found(watched, name).state == "unknown"
    assert "keyless" not in servers.asked


def test_parts_of_the_service_are_checked_too(
    watched: Backplane, prober: Prober
) -> None:
    for name in ("database", "redis", "coffee"):
        add(watched, name, "", kind=ProviderKind.INTERNAL)
    check(prober)
    levels = {name: checks(watched, name)[0].level for name in ("database", "redis")}
    assert levels == {"database": "online", "redis": "online"}
    (unknown,) = checks(watched, "coffee")
    assert (unknown.level, unknown.error_type) == ("offline", "part")
