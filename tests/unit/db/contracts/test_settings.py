"""Every setting comes from the environment, and what cannot work is refused."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from db.contracts.settings import OpenToAllError, Settings


def settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_without_a_word_all_is_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, SOLVEQUEUE_HOME="/srv/queue")
    assert found.database == "sqlite:////srv/queue/solvequeue.db"
    assert found.redis == "redis://127.0.0.1:6379/0"
    assert found.broker_address.url == found.redis


def test_a_relative_home_is_one_of_where_the_process_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    found = settings(monkeypatch, SOLVEQUEUE_HOME="home")
    assert found.database == f"sqlite:///{tmp_path}/home/solvequeue.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_postgresql_url_gets_its_driver(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    found = settings(monkeypatch, DATABASE_URL=f"{scheme}://u:p@db/name")
    assert found.database == "postgresql+psycopg://u:p@db/name"


def test_a_url_comes_before_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, DATABASE_URL="sqlite:///x.db", DATABASE_HOST="db")
    assert found.database == "sqlite:///x.db"


def test_a_host_is_enough_for_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, DATABASE_HOST="db")
    assert found.database == "postgresql+psycopg://solvequeue:@db:5432/solvequeue"


@pytest.mark.parametrize("prefix", ["DATABASE", "POSTGRES"])
def test_the_parts_of_a_host_have_two_names(
    monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    name = "DATABASE_NAME" if prefix == "DATABASE" else "POSTGRES_DB"
    parts = {f"{prefix}_USER": "me@x", f"{prefix}_PASSWORD": "p/ß:@", name: "mine"}
    found = settings(monkeypatch, DATABASE_HOST="db", DATABASE_PORT="5433", **parts)
    assert found.database == (
        "postgresql+psycopg://me%40x:p%2F%C3%9F%3A%40@db:5433/mine"
    )


def test_a_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(
        monkeypatch, DATABASE_PASSWORD="tell-no-one", SOLVEQUEUE_FLOWER_PASSWORD="nor-1"
    )
    assert "tell-no-one" not in repr(found)
    assert "nor-1" not in repr(found)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("valkey://h:1/2", "redis://h:1/2"),
        ("valkeys://h:1/2", "rediss://h:1/2"),
        ("redis://:valkey%3A%2F%2F@h", "redis://:valkey%3A%2F%2F@h"),
    ],
)
def test_valkey_is_spoken_to_as_redis(
    monkeypatch: pytest.MonkeyPatch, ours: str, theirs: str
) -> None:
    assert settings(monkeypatch, REDIS_URL=ours).redis == theirs
    assert settings(monkeypatch, BROKER_URL=ours).broker_address.url == theirs


def test_a_redis_host_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, REDIS_HOST="cache", REDIS_PORT="7000")
    assert found.redis == found.broker_address.url == "redis://cache:7000/0"


@pytest.mark.parametrize(
    ("redis", "broker"),
    [
        ("unix:///run/v.sock?db=3", "redis+socket:///run/v.sock?virtual_host=3"),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=0"),
    ],
)
def test_a_socket_is_named_to_celery_in_its_own_way(
    monkeypatch: pytest.MonkeyPatch, redis: str, broker: str
) -> None:
    found = settings(monkeypatch, REDIS_URL=redis)
    assert (found.redis, found.broker_address.url) == (redis, broker)


def test_the_broker_may_be_another(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, REDIS_URL="redis://r", BROKER_URL="amqp://a//")
    assert (found.redis, found.broker_address.url) == ("redis://r", "amqp://a//")


@pytest.mark.parametrize("name", ["REDIS_URL", "BROKER_URL"])
def test_a_cluster_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(ValidationError, match="Redis Cluster"):
        settings(monkeypatch, **{name: "redis+cluster://h:1"})


def test_a_host_may_be_named_after_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "redis://valkey.default.svc.cluster.local:6379/0"
    assert settings(monkeypatch, REDIS_URL=url).redis == url


@pytest.mark.parametrize(
    ("heartbeat", "fence", "lease"), [(3, 15, 15), (12, 12, 15), (20, 12, 15)]
)
def test_a_worker_must_stop_before_its_job_is_given_away(
    heartbeat: float, fence: float, lease: float
) -> None:
    with pytest.raises(ValidationError, match="heartbeat < self-fence < lease"):
        Settings(
            heartbeat_seconds=heartbeat,
            self_fence_seconds=fence,
            lease_seconds=lease,
        )


def test_networks_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(
        monkeypatch, SOLVEQUEUE_WEBHOOK_ALLOW_CIDRS=" 10.0.0.0/8, ,127.0.0.1/32 "
    )
    assert found.webhook_allow_cidrs == ("10.0.0.0/8", "127.0.0.1/32")


def test_settings_stay_as_they_were_read() -> None:
    with pytest.raises(ValidationError):
        Settings().lease_seconds = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    "name", ["LEASE_SECONDS", "MAX_LOSSES", "API_PORT", "RETENTION_DAYS", "LOG_LEVEL"]
)
def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(ValidationError):
        settings(monkeypatch, **{f"SOLVEQUEUE_{name}": "-1"})


def test_days_are_one_number_and_others_for_some_kinds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = settings(
        monkeypatch,
        SOLVEQUEUE_RETENTION_DAYS="30, batch=7,benchmark = 0.5",
        SOLVEQUEUE_RECORD_RETENTION_DAYS="90",
    )
    kinds = ("solve", "batch", "benchmark")
    assert [found.retention_days.of(kind) for kind in kinds] == [30.0, 7.0, 0.5]
    assert [found.record_retention_days.of(kind) for kind in kinds] == [90.0] * 3


@pytest.mark.parametrize(
    "text",
    ["", "month", "0", "-1", "nan", "30,", "30,batch", "30,batch=0", "30,bach=7"],
)
def test_days_that_are_none_are_refused(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    with pytest.raises(ValidationError, match="retention_days"):
        settings(monkeypatch, SOLVEQUEUE_RETENTION_DAYS=text)


@pytest.mark.parametrize("name", ["AUTH_MODE", "SOLVEQUEUE_AUTH_MODE"])
def test_the_mode_of_authentication_has_two_names(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert settings(monkeypatch, **{name: "required"}).auth_mode == "required"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "queue.example", ""])
def test_a_service_for_strangers_has_to_ask_who_they_are(host: str) -> None:
    with pytest.raises(OpenToAllError, match="AUTH_MODE"):
        Settings(api_host=host).refuse_if_open()
    Settings(api_host=host, auth_mode="required").refuse_if_open()
    Settings(api_host=host, auth_mode="optional").refuse_if_open()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"]
)
def test_a_service_for_this_machine_need_not_ask(host: str) -> None:
    Settings(api_host=host).refuse_if_open()


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"JWT_SECRET": "short"}, "JWT_SECRET has 5 bytes"),
        (
            {"JWT_SECRET": "x" * 32, "JWT_JWKS_FILE": "a", "JWT_AUDIENCE": "b"},
            "JWT_SECRET and JWT_JWKS_FILE",
        ),
        ({"JWT_PUBLIC_KEY": "key.pem"}, "JWT_PUBLIC_KEY needs JWT_AUDIENCE"),
        (
            {"JWT_JWKS_URL": "http://issuer.example/jwks", "JWT_AUDIENCE": "b"},
            "has to be https",
        ),
        ({"JWT_JWKS_URL": "file:///etc/passwd", "JWT_AUDIENCE": "b"}, "to be https"),
        ({"AUTH_MODE": "maybe"}, "required"),
    ],
)
def test_tokens_that_could_not_be_checked_safely_are_refused(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(monkeypatch, **environment)


def test_an_empty_key_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, JWT_SECRET="", JWT_JWKS_URL="", JWT_JWKS_FILE="")
    assert not found.jwt_secret


def test_no_secret_of_tokens_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "0123456789abcdef" * 2
    assert secret not in repr(settings(monkeypatch, JWT_SECRET=secret))
