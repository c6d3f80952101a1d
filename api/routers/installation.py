"""/info, /api/config: what is installed here, how, and with which keys."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from api.body import parse, read_body, require_json
from api.database_views import database_health
from api.dependencies import CallerDep, StateDep
from api.health_views import now_text
from api.instances import invalid
from api.live.attendance import Attendance
from api.openapi import body_of
from api.routers.scheduler import scheduler_status
from api.schemas.monitor import KeyTested, ProviderNamed
from api.schemas.monitoring import (
    Application,
    ConfigStats,
    ConfiguredLimits,
    Info,
    KeyRow,
    SchedulerInfo,
    SocketInfo,
)
from api.state import ApiState
from api.watched_providers import ask_now, find_provider
from db.contracts.event import optional_timestamp
from db.contracts.provider import masked
from db.contracts.settings import Settings
from db.contracts.version import VERSION
from db.models import Provider
from db.repositories import monitoring, providers

router = APIRouter(tags=["monitoring"])

MAX_NAMED = 200


@router.get("/info")
def get_info(request: Request, state: StateDep, caller: CallerDep) -> Info:
    """Tell of the installation: versions, settings, parts. Never a secret."""
    attendance: Attendance = request.app.state.attendance
    seen, status = attendance.look(), scheduler_status(state, caller)
    with state.backplane.database.reading() as connection:
        limited = monitoring.limited(connection, limit=MAX_NAMED)
        number = monitoring.count_limited(connection)
    return Info(
        application=Application(
            name="SolveQueue", version=VERSION, environment=state.settings.environment
        ),
        configuration=_configuration(state.settings),
        database=database_health(state),
        rate_limits=ConfiguredLimits(
            configured_providers=number, providers=[each.name for each in limited]
        ),
        scheduler=SchedulerInfo(
            running=status.is_running, total_jobs=status.total_jobs, jobs=status.jobs
        ),
        websocket=SocketInfo(
            active_connections=len(seen.visitors),
            background_tasks_running=seen.is_whole,
        ),
        timestamp=now_text(),
    )


@router.get("/api/config/stats")
def get_config_stats(state: StateDep) -> ConfigStats:
    """Count who is watched, by category and tier, and the keys that are there."""
    with state.backplane.database.reading() as connection:
        fleet = monitoring.fleet(connection)
    return ConfigStats(
        total_providers=fleet.total,
        categories=len(fleet.by_category),
        categories_list=list(fleet.by_category),
        providers_by_category=fleet.by_category,
        providers_with_keys=fleet.with_keys,
        tier1_count=fleet.by_tier.get(1, 0),
        tier2_count=fleet.by_tier.get(2, 0),
        tier3_count=fleet.by_tier.get(3, 0),
        api_keys_loaded=len(state.settings.provider_keys),
    )


@router.get("/api/config/keys")
def list_config_keys(
    state: StateDep, provider: Annotated[str | None, Query(max_length=200)] = None
) -> list[KeyRow]:
    """List the keys that providers need: whether they are there; their ends, if so."""
    with state.backplane.database.reading() as connection:
        found = monitoring.keyed(connection)
    wanted = None if provider is None else provider.lower()
    return [
        _key_row(each, state)
        for each in found
        if wanted is None or each.name.lower() == wanted
    ]


@router.post(
    "/api/config/keys/test",
    response_model=KeyTested,
    openapi_extra=body_of(ProviderNamed),
)
async def test_config_key(request: Request, state: StateDep) -> KeyTested:
    """Have a provider checked now with its key, if the key is there."""
    require_json(request)
    body = await read_body(request, state.settings)
    return await run_in_threadpool(
        lambda: _test_key(state, parse(ProviderNamed, body).provider)
    )


def _test_key(state: ApiState, name: str) -> KeyTested:
    with state.backplane.database.reading() as connection:
        found = find_provider(connection, name)
    key = providers.description_of(found).key
    if key is None:
        raise invalid(
            "#/provider",
            f"{found.name} needs no key",
            "/api/config/keys lists those that need one.",
        )
    is_there = key.environment in state.settings.provider_keys
    if is_there:
        ask_now(state, name)
    return KeyTested(
        provider=found.name,
        provider_id=found.id,
        key_name=key.environment,
        status="testing" if is_there else "missing",
        key_status="active" if is_there else "missing",
        message=f"{found.name} is checked at once with {key.environment}."
        if is_there
        else f"The service was started without {key.environment}.",
        timestamp=now_text(),
    )


def _key_row(found: Provider, state: ApiState) -> KeyRow:
    key = providers.description_of(found).key
    assert key is not None
    value = state.settings.provider_keys.get(key.environment)
    used_at = None if value is None else found.last_check_at
    return KeyRow(
        provider=found.name,
        provider_id=found.id,
        category=found.category,
        key_name=key.environment,
        masked_key=None if value is None else masked(value.get_secret_value()),
        status="missing" if value is None else "active",
        place=key.place,
        last_used=optional_timestamp(used_at),
    )


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "auth_mode": settings.auth_mode,
        "rate_limits": settings.rate_limits.is_on,
        "max_body_bytes": settings.max_body_bytes,
        "max_order": settings.max_order,
        "max_queued": settings.max_queued,
        "max_providers": settings.max_providers,
        "provider_sets": list(settings.provider_sets),
        "provider_parts": settings.provider_parts,
        "provider_check_days": settings.provider_check_days,
        "retention_days": settings.retention_days.usual,
        "market_feed": settings.market_feed,
        "log_level": settings.log_level,
    }
