"""The installation, its database and its keys, as the monitoring system told them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from api.schemas.scheduler import SchedulerJobView


class TableRows(BaseModel):
    """How many rows a table has."""

    rows: int
    exact: bool
    """False where that is an estimate: from 10,000 rows on."""


class DatabaseStats(BaseModel):
    """How much the database holds."""

    providers: int
    connection_attempts: int
    """Checks of providers that are kept."""
    data_collections: int
    rate_limit_usage: int
    schedule_config: int
    """What beat starts and has ever run, and users' schedules."""
    schedule_compliance: int
    """Hours of a schedule of which is known how punctual it was."""
    failure_logs: int
    """Checks that have failed, of the days that checks are kept."""
    alerts: int
    system_metrics: int
    tables: dict[str, TableRows]
    """All tables, by our own names."""
    exact: bool
    """Whether every count is."""
    database_size_mb: float
    timestamp: str


class DatabaseHealth(BaseModel):
    """Whether the database answers."""

    status: Literal["healthy", "unhealthy"]
    backend: Literal["sqlite", "postgresql"]
    database_path: str
    """SQLite's file; of PostgreSQL host, port and name. Never a password."""
    database_exists: bool
    """Whether SQLite's file is there; of PostgreSQL whether it answers."""
    error: str | None
    """The code of what is wrong."""
    stats: DatabaseStats | None
    timestamp: str


class Application(BaseModel):
    """What this is."""

    name: str
    version: str
    environment: str


class ConfiguredLimits(BaseModel):
    """Budgets of providers."""

    configured_providers: int
    """How many have a limit."""
    providers: list[str]
    """Up to 200 of them, by name."""


class SchedulerInfo(BaseModel):
    """What beat starts."""

    running: bool
    total_jobs: int
    jobs: list[SchedulerJobView]


class SocketInfo(BaseModel):
    """The sockets of all processes."""

    active_connections: int
    background_tasks_running: bool


class Info(BaseModel):
    """The installation, whole."""

    application: Application
    configuration: dict[str, Any]
    """Settings that hold no secret and no address."""
    database: DatabaseHealth
    rate_limits: ConfiguredLimits
    scheduler: SchedulerInfo
    websocket: SocketInfo
    timestamp: str


class ConfigStats(BaseModel):
    """Who is watched, in numbers."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    total_providers: int
    categories: int
    categories_list: list[str]
    providers_by_category: dict[str, int]
    providers_with_keys: int
    """How many need one."""
    tier1_count: int
    tier2_count: int
    tier3_count: int
    api_keys_loaded: int
    """Keys that this process was started with, of those that may be read."""


class KeyRow(BaseModel):
    """A key that a provider needs."""

    provider: str
    provider_id: str
    category: str
    key_name: str
    """The variable of the environment that has it."""
    masked_key: str | None
    """Its ends, the rest hidden; null where it is not set."""
    status: Literal["active", "missing"]
    place: str
    last_used: str | None
    """When the provider was last asked; null while the key is missing."""
