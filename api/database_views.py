"""The database as the monitoring system told of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from api.health_views import now_text
from api.schemas.monitoring import DatabaseHealth, DatabaseStats, TableRows
from api.state import ApiState
from db.contracts.errors import ServiceError
from db.contracts.settings import Settings
from db.repositories import jobs, monitoring, tables
from db.repositories.tables import Rows

MEGABYTE = 1024 * 1024
SECONDS_A_DAY = 86_400.0
COUNTED: dict[str, tuple[str, ...]] = {
    "providers": ("provider",),
    "connection_attempts": ("provider_check",),
    "data_collections": ("provider_collection",),
    "rate_limit_usage": ("provider_usage",),
    "schedule_config": ("beat_standing", "schedule"),
    "schedule_compliance": ("beat_hour",),
    "alerts": ("alert",),
    "system_metrics": ("metric_point",),
}
"""By the monitoring system's name of a table: ours that hold the same."""


def database_stats(connection: Connection, settings: Settings) -> DatabaseStats:
    """Return how much the database holds."""
    found = tables.rows_by_table(connection)
    kept_seconds = settings.provider_check_days * SECONDS_A_DAY
    since = jobs.database_time(connection) - kept_seconds
    return DatabaseStats(
        **_by_their_names(found),
        failure_logs=monitoring.failures_kept(connection, since=since),
        tables={
            name: TableRows(rows=rows.count, exact=rows.is_exact)
            for name, rows in found.items()
        },
        exact=all(rows.is_exact for rows in found.values()),
        database_size_mb=round(tables.size_bytes(connection) / MEGABYTE, 3),
        timestamp=now_text(),
    )


def database_health(state: ApiState) -> DatabaseHealth:
    """Return whether the database answers, and how much it holds if it does."""
    stats, error = None, None
    try:
        with state.backplane.database.reading() as connection:
            stats = database_stats(connection, state.settings)
    except ServiceError as fault:
        error = fault.code
    backend, path, exists = _place(state.settings)
    return DatabaseHealth(
        status="unhealthy" if stats is None else "healthy",
        backend=backend,
        database_path=path,
        database_exists=stats is not None if exists is None else exists,
        error=error,
        stats=stats,
        timestamp=now_text(),
    )


def _by_their_names(found: Mapping[str, Rows]) -> dict[str, int]:
    return {
        name: sum(found[each].count for each in ours) for name, ours in COUNTED.items()
    }


def _place(
    settings: Settings,
) -> tuple[Literal["sqlite", "postgresql"], str, bool | None]:
    """Return where it is, without who may enter; and whether its file is there."""
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite":
        path = url.database or ":memory:"
        return "sqlite", path, Path(path).exists() if url.database else None
    port = f":{url.port}" if url.port else ""
    return "postgresql", f"{url.host or 'local'}{port}/{url.database or ''}", None
