"""/api/database: how much it holds, and whether it answers."""

from fastapi import APIRouter, Request

from api.database_views import database_health, database_stats
from api.dependencies import StateDep
from api.schemas.monitoring import DatabaseHealth, DatabaseStats

router = APIRouter(prefix="/api/database", tags=["monitoring"])


@router.get("/stats")
def get_database_stats(state: StateDep) -> DatabaseStats:
    """Count the rows of each table, and tell how large the database is."""
    with state.backplane.database.reading() as connection:
        return database_stats(connection, state.settings)


@router.get("/health")
def get_database_health(request: Request) -> DatabaseHealth:
    """Say whether the database answers; also while it does not."""
    return database_health(request.app.state.solvequeue)
