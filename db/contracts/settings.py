"""Every setting, read from the environment once, at process start."""

import os
import socket
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import NoDecode, SettingsConfigDict

from db.contracts.alert_settings import AlertSettings
from db.contracts.broker_address import BrokerAddress
from db.contracts.database_settings import DatabaseSettings
from db.contracts.insight_settings import InsightSettings
from db.contracts.kinds import KINDS
from db.contracts.market_provider import check_provider
from db.contracts.market_settings import MarketSettings
from db.contracts.monitoring_settings import MonitoringSettings
from db.contracts.overview_settings import OverviewSettings
from db.contracts.provider_settings import ProviderSettings
from db.contracts.rate_limits import RateLimits
from db.contracts.redis_address import as_redis
from db.contracts.registry_settings import RegistrySettings

MIN_SECRET_BYTES = 32
"""Of a shared secret: as many as SHA-256 gives (RFC 7518, 3.2)."""


def _any_of(*names: str) -> AliasChoices:
    return AliasChoices(*names)


def is_loopback(host: str) -> bool:
    """Return whether only this machine can be meant."""
    if host == "localhost":
        return True
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


class OpenToAllError(ValueError):
    """Whoever reaches the service could send jobs."""


class Days(BaseModel):
    """A number of days, and others for some kinds of job."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    usual: float = Field(gt=0)
    by_kind: dict[str, Annotated[float, Field(gt=0)]] = {}

    def __init__(self, usual: float, **by_kind: float) -> None:
        super().__init__(usual=usual, by_kind=by_kind)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``30`` or ``30,batch=7,benchmark=90``."""
        usual, *others = (part.strip() for part in text.split(","))
        pairs = [part.partition("=") for part in others]
        by_kind = {kind.strip(): float(days) for kind, _, days in pairs}
        unknown = set(by_kind) - set(KINDS)
        if unknown:
            raise ValueError(
                f"there is no kind {min(unknown)!r}; the kinds are {', '.join(KINDS)}"
            )
        return cls(float(usual), **by_kind)

    def of(self, kind: str) -> float:
        """Return the days of jobs of this kind."""
        return self.by_kind.get(kind, self.usual)


class Settings(
    AlertSettings,
    DatabaseSettings,
    InsightSettings,
    MarketSettings,
    MonitoringSettings,
    OverviewSettings,
    ProviderSettings,
    RegistrySettings,
):
    """The only reader of the environment.

    External parts are one variable each: ``DATABASE_URL``, ``REDIS_URL``,
    ``BROKER_URL``. Everything else starts with ``SOLVEQUEUE_``.
    """

    model_config = SettingsConfigDict(
        env_prefix="SOLVEQUEUE_",
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        # Errors name what is wrong; values may be secret.
        hide_input_in_errors=True,
    )

    home: Path = Path(".solvequeue")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    # JSON lines, or columns for people; auto: columns at a terminal.
    log_format: Literal["auto", "json", "console"] = "auto"
    # Whether each request is a line.
    access_log: bool = True
    # Where spans are sent, by OTLP over HTTP; nowhere without it.
    otel_endpoint: str = Field(
        "",
        validation_alias=_any_of(
            "SOLVEQUEUE_OTEL_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"
        ),
    )

    database_url: str = Field("", validation_alias=_any_of("DATABASE_URL"))
    database_host: str = Field("", validation_alias=_any_of("DATABASE_HOST"))
    database_port: int = Field(5432, validation_alias=_any_of("DATABASE_PORT"))
    database_name: str = Field(
        "solvequeue", validation_alias=_any_of("DATABASE_NAME", "POSTGRES_DB")
    )
    database_user: str = Field(
        "solvequeue", validation_alias=_any_of("DATABASE_USER", "POSTGRES_USER")
    )
    database_password: SecretStr = Field(
        SecretStr(""),
        validation_alias=_any_of("DATABASE_PASSWORD", "POSTGRES_PASSWORD"),
    )
    # FULL survives a power cut, NORMAL every crash of a process (SQLite only).
    sqlite_synchronous: Literal["NORMAL", "FULL"] = "NORMAL"

    redis_url: str = Field("", validation_alias=_any_of("REDIS_URL"))
    redis_host: str = Field("", validation_alias=_any_of("REDIS_HOST"))
    redis_port: int = Field(6379, validation_alias=_any_of("REDIS_PORT"))
    redis_timeout_seconds: float = Field(1.0, gt=0, le=30)
    broker_url: str = Field("", validation_alias=_any_of("BROKER_URL"))
    visibility_timeout_seconds: int = Field(4 * 3600, ge=1)

    lease_seconds: float = Field(15.0, gt=0)
    heartbeat_seconds: float = Field(3.0, gt=0)
    self_fence_seconds: float = Field(12.0, gt=0)
    max_losses: int = Field(5, ge=1)
    max_failures: int = Field(3, ge=1)
    reconcile_seconds: float = Field(1.0, gt=0)
    audit_seconds: float = Field(10.0, gt=0)
    # Days that ended jobs are kept: whole, then what is left of them. Others for some
    # kinds stand behind: 30,batch=7,benchmark=90.
    retention_days: Annotated[Days, NoDecode] = Days(30.0)
    record_retention_days: Annotated[Days, NoDecode] = Days(365.0)
    # Results that equal work may share: how many, and how long. 0 s: none at all.
    cache_size: int = Field(1000, ge=1)
    cache_seconds: float = Field(300.0, ge=0)
    # The same of each calculation, which comes to the same each time.
    calculation_cache_size: int = Field(1000, ge=1)
    calculation_cache_seconds: float = Field(1800.0, ge=0)
    # Memory of a calculation in a process of its own; of any other job (Linux only).
    max_calculation_bytes: int = Field(2 * 2**30, ge=2**28)
    max_job_bytes: int = Field(2**30, ge=2**26)
    # Of one caller: waiting jobs; jobs of one queue running at once (0: any number).
    max_queued_per_caller: int = Field(20_000, ge=1)
    max_running_per_caller: int = Field(0, ge=0)
    # Of all callers: beyond it the service is full.
    max_queued: int = Field(100_000, ge=1)
    # Messages in a queue, beyond which jobs are recorded without one.
    max_messages: int = Field(256, ge=1)
    # Sockets and event streams that one API process holds open at once.
    max_streams: int = Field(2000, ge=1)
    max_streams_per_caller: int = Field(200, ge=1)
    shutdown_seconds: int = Field(10, ge=1)
    # From so many facilities on a solve waits in `bulk`, however short; 0 is never.
    large_order: int = Field(0, ge=0)
    worker_processes: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    worker_memory_mb: int = Field(1500, ge=100)
    # Compile at start for every method and for fractions; else for `auto` and integers.
    warm_everything: bool = True
    host: str = Field(default_factory=socket.gethostname)

    api_host: str = "127.0.0.1"
    api_port: int = Field(8000, ge=0, le=65535)
    max_body_bytes: int = Field(
        32 * 1024 * 1024,
        ge=1024,
        validation_alias=_any_of("SOLVEQUEUE_MAX_BODY_BYTES", "QAP_MAX_REQUEST_SIZE"),
    )
    max_order: int = Field(1000, ge=2)
    max_wait_seconds: float = Field(60.0, ge=0)
    # How long a body may take to arrive, and a request to be answered.
    body_seconds: float = Field(30.0, gt=0)
    request_seconds: float = Field(
        60.0,
        gt=0,
        validation_alias=_any_of("SOLVEQUEUE_REQUEST_SECONDS", "QAP_REQUEST_TIMEOUT"),
    )
    # Rates of families of requests, such as solve=100/1,submit=600/10; or off.
    rate_limits: Annotated[RateLimits, NoDecode] = RateLimits()
    solve_capacity: int | None = Field(
        None, ge=1, validation_alias=_any_of("QAP_RATE_LIMIT_CAPACITY")
    )
    solve_refill_per_s: float | None = Field(
        None, ge=0.001, validation_alias=_any_of("QAP_RATE_LIMIT_REFILL_RATE")
    )
    # After so many failures of /solve in a row it is refused for so long.
    breaker_failures: int = Field(
        5,
        ge=1,
        validation_alias=_any_of(
            "SOLVEQUEUE_BREAKER_FAILURES", "QAP_CIRCUIT_BREAKER_THRESHOLD"
        ),
    )
    breaker_seconds: float = Field(
        60.0,
        gt=0,
        validation_alias=_any_of(
            "SOLVEQUEUE_BREAKER_SECONDS", "QAP_CIRCUIT_BREAKER_TIMEOUT"
        ),
    )
    # How long a database that did not answer so often is left alone; 0 is not at all.
    database_pause_seconds: float = Field(1.0, ge=0)
    # Whose X-Forwarded-For and Forwarded are believed.
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = ()
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), validation_alias=_any_of("SOLVEQUEUE_CORS_ORIGINS", "QAP_CORS_ORIGINS")
    )
    # 0 sends no Strict-Transport-Security, an empty text no policy.
    hsts_seconds: int = Field(31_536_000, ge=0)
    content_security_policy: str = "default-src 'self'; frame-ancestors 'none'"

    # Whether callers have to say who they are: see docs/howto/authenticate.md.
    auth_mode: Literal["off", "optional", "required"] = Field(
        "off", validation_alias=_any_of("SOLVEQUEUE_AUTH_MODE", "AUTH_MODE")
    )
    # Whether /metrics/prometheus is answered to whoever asks.
    metrics_open: bool = False
    # What tokens are checked with: one of these four, or none.
    jwt_secret: SecretStr = Field(SecretStr(""), validation_alias=_any_of("JWT_SECRET"))
    jwt_public_key: str = Field("", validation_alias=_any_of("JWT_PUBLIC_KEY"))
    jwt_jwks_file: str = Field("", validation_alias=_any_of("JWT_JWKS_FILE"))
    jwt_jwks_url: str = Field("", validation_alias=_any_of("JWT_JWKS_URL"))
    jwt_audience: str = Field("", validation_alias=_any_of("JWT_AUDIENCE"))
    jwt_issuer: str = Field("", validation_alias=_any_of("JWT_ISSUER"))
    jwt_scopes_claim: str = Field(
        "scope", min_length=1, validation_alias=_any_of("JWT_SCOPES_CLAIM")
    )

    webhook_allow_cidrs: Annotated[tuple[str, ...], NoDecode] = ()
    webhook_timeout_seconds: float = Field(15.0, gt=0)
    # How many webhooks one caller may have, beside those of single jobs.
    webhook_endpoints: int = Field(20, ge=1)
    # How many requests are made at once by `solvequeue up`, and of them to a receiver.
    webhook_couriers: int = Field(12, ge=1)
    webhook_concurrency: int = Field(4, ge=1)
    # A webhook is disabled when every attempt of so many days has failed; what is owed
    # to one that is paused or disabled is held so long.
    webhook_disable_days: float = Field(5.0, gt=0)
    webhook_hold_days: float = Field(14.0, gt=0)
    # How many thresholds one caller may have.
    thresholds: int = Field(100, ge=1)
    # How long notifications are kept, read or not.
    notification_days: float = Field(30.0, gt=0)
    # A factor on the waits between deliveries: tests shorten them, nothing else.
    webhook_backoff_scale: float = Field(1.0, gt=0)

    flower_port: int = Field(5555, ge=0, le=65535)
    flower_user: str = "admin"
    flower_password: SecretStr | None = None

    @field_validator("retention_days", "record_retention_days", mode="before")
    @classmethod
    def _read_days(cls, value: object) -> object:
        if isinstance(value, str):
            return Days.parse(value)
        return Days(value) if isinstance(value, int | float) else value

    @field_validator("rate_limits", mode="before")
    @classmethod
    def _read_rates(cls, value: object) -> object:
        return RateLimits.parse(value) if isinstance(value, str) else value

    @field_validator(
        "webhook_allow_cidrs", "trusted_proxies", "cors_origins", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @model_validator(mode="after")
    def _keep_the_lease_order(self) -> Self:
        if not self.heartbeat_seconds < self.self_fence_seconds < self.lease_seconds:
            raise ValueError(
                "heartbeat < self-fence < lease must hold: a worker stops itself "
                "before its job is given away; set SOLVEQUEUE_LEASE_SECONDS, "
                "SOLVEQUEUE_SELF_FENCE_SECONDS and SOLVEQUEUE_HEARTBEAT_SECONDS so"
            )
        for url in (self.redis_url, self.broker_url):
            # The scheme alone: hosts are often named so, as in svc.cluster.local.
            if "cluster" in url.partition("://")[0]:
                raise ValueError("Redis Cluster is not supported; name one server")
            BrokerAddress.read(url)
        return self

    @model_validator(mode="after")
    def _know_the_provider(self) -> Self:
        check_provider(
            self.market_provider_url.get_secret_value(),
            self.market_provider_pointers,
            allow=self.webhook_allow_cidrs,
        )
        return self

    @model_validator(mode="after")
    def _pin_one_kind_of_token(self) -> Self:
        keys = {
            "JWT_SECRET": self.jwt_secret,
            "JWT_PUBLIC_KEY": self.jwt_public_key,
            "JWT_JWKS_FILE": self.jwt_jwks_file,
            "JWT_JWKS_URL": self.jwt_jwks_url,
        }
        given = [name for name, value in keys.items() if value]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are two keys for tokens; give one")
        if self.jwt_secret:
            size = len(self.jwt_secret.get_secret_value().encode())
            if size < MIN_SECRET_BYTES:
                raise ValueError(
                    f"JWT_SECRET has {size} bytes; give {MIN_SECRET_BYTES} random ones"
                )
        elif given and not self.jwt_audience:
            # Their issuer makes tokens for others too, and those must not do here.
            raise ValueError(f"{given[0]} needs JWT_AUDIENCE: for whom its tokens are")
        url = urlsplit(self.jwt_jwks_url)
        is_safe = url.scheme == "https" or (
            url.scheme == "http" and is_loopback(url.hostname or "")
        )
        if self.jwt_jwks_url and not is_safe:
            raise ValueError("JWT_JWKS_URL has to be https, or on this machine")
        return self

    def refuse_if_open(self) -> None:
        """Raise OpenToAllError where a service would answer strangers unasked."""
        if self.auth_mode == "off" and not is_loopback(self.api_host):
            raise OpenToAllError(
                f"SOLVEQUEUE_API_HOST is {self.api_host} and AUTH_MODE is off: whoever "
                "reaches it could send jobs. Set AUTH_MODE=required and make a key "
                "(see docs/howto/authenticate.md), or listen on 127.0.0.1."
            )

    @property
    def webhook_share(self) -> int:
        """How many requests to one receiver are made at once: others need the rest."""
        return min(self.webhook_concurrency, max(1, self.webhook_couriers // 3))

    @cached_property
    def database(self) -> str:
        """The database's URL: the one given, PostgreSQL by host, or SQLite at home."""
        if self.database_url:
            url = self.database_url
            for short in ("postgres://", "postgresql://"):
                if url.startswith(short):
                    url = "postgresql+psycopg://" + url.removeprefix(short)
            return url
        if self.database_host:
            password = quote(self.database_password.get_secret_value(), safe="")
            return (
                f"postgresql+psycopg://{quote(self.database_user, safe='')}:{password}"
                f"@{self.database_host}:{self.database_port}/{self.database_name}"
            )
        return f"sqlite:///{(self.home / 'solvequeue.db').absolute()}"

    @cached_property
    def redis(self) -> str:
        """The URL of the server that keeps events, in redis-py's form."""
        return as_redis(
            self.redis_url
            or f"redis://{self.redis_host or '127.0.0.1'}:{self.redis_port}/0"
        )

    @cached_property
    def broker_address(self) -> BrokerAddress:
        """The broker as Celery is told of it; the events' server unless named."""
        return BrokerAddress.read(self.broker_url or self.redis)
