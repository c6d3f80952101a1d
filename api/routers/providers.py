"""/v1/providers: outside services, and the service's own parts, that are watched."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from api.body import parse, read_body, require_json
from api.dependencies import ProviderId, StateDep
from api.openapi import body_of
from api.ownership import CHANGE_ID, PROVIDER_ID
from api.paging import next_after, read_cursor, read_number, write_cursor
from api.provider_views import (
    change_view,
    check_view,
    collection_view,
    provider_view,
)
from api.providers import (
    changed,
    new_provider,
    require_named,
    require_open,
    require_series,
    statistics,
)
from api.schemas.provider import (
    ChangePage,
    CheckPage,
    CollectionPage,
    NewProvider,
    ProviderPage,
    ProviderPatch,
    ProviderView,
    RegistryView,
    StatisticsView,
)
from api.state import ApiState
from db.contracts.event import timestamp
from db.contracts.provider import CheckOutcome, Origin, ProviderState
from db.models import Provider
from db.provider_registry import known_sets
from db.repositories import provider_history, provider_series, providers
from db.repositories.jobs import database_time
from db.repositories.providers import ProviderFilter

MAX_HOURS = 24 * 400
router = APIRouter(prefix="/v1/providers", tags=["providers"])
After = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=200)]
StateName = Literal["unknown", "online", "degraded", "offline"]
OutcomeName = Literal["success", "failed", "timeout", "rate_limited", "blocked"]


@router.get("")
def list_providers(
    state: StateDep,
    category: Annotated[str | None, Query(max_length=100)] = None,
    is_in: Annotated[StateName | None, Query(alias="state")] = None,
    search: Annotated[str | None, Query(max_length=100)] = None,
    after: After = None,
    limit: Limit = 50,
) -> ProviderPage:
    """List providers, newest first; ``search`` is a part of the name.

    ``next`` is ``after`` of the page behind.
    """
    cursor = read_cursor(after, PROVIDER_ID)
    wanted = ProviderFilter(
        category=category,
        state=None if is_in is None else ProviderState(is_in),
        search=search,
    )
    with state.backplane.database.reading() as connection:
        found = providers.list_providers(
            connection, wanted, after=cursor, limit=limit + 1
        )
        at = database_time(connection)
    items = [provider_view(each, state.settings, at=at) for each in found[:limit]]
    return ProviderPage(items=items, next=next_after(found, limit))


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=ProviderView,
    openapi_extra=body_of(NewProvider),
)
async def create_provider(
    request: Request, response: Response, state: StateDep
) -> ProviderView:
    """Watch an outside service; it is checked at once."""
    require_json(request)
    body = await read_body(request, state.settings)

    def create() -> ProviderView:
        new = new_provider(parse(NewProvider, body), state.settings)
        with state.backplane.database.transaction() as connection:
            made = providers.add(
                connection, new, origin=Origin.API, most=state.settings.max_providers
            )
        return provider_view(made, state.settings, at=made.created_at)

    view = await run_in_threadpool(create)
    response.headers["Location"] = view.links.self
    return view


@router.get("/registry")
def registry(state: StateDep) -> RegistryView:
    """Look at what is wrong with the file and the sets that name providers."""
    report = state.parts.presence.registry()
    file = state.settings.providers_file
    return RegistryView(
        read_at=None if report is None else timestamp(report.read_at),
        file=None if file is None else str(file),
        sets=list(state.settings.provider_sets),
        known_sets=list(known_sets()),
        providers=0 if report is None else report.providers,
        faults=[] if report is None else report.faults,
    )


@router.get("/{provider_id}")
def get_provider(state: StateDep, provider_id: ProviderId) -> ProviderView:
    """Look at a provider: what is asked of it, and how it stands."""
    with state.backplane.database.reading() as connection:
        found = providers.get(connection, provider_id)
        at = database_time(connection)
    return provider_view(found, state.settings, at=at)


@router.patch(
    "/{provider_id}",
    response_model=ProviderView,
    openapi_extra=body_of(ProviderPatch),
)
async def change_provider(
    request: Request, state: StateDep, provider_id: ProviderId
) -> ProviderView:
    """Change the fields that are sent. At another url nothing is known of it yet."""
    require_json(request)
    body = await read_body(request, state.settings)

    def change() -> ProviderView:
        patch = parse(ProviderPatch, body)
        with state.backplane.database.transaction() as connection:
            found = providers.get(connection, provider_id)
            new = changed(found, patch, state.settings)
            made = providers.change(connection, provider_id, new)
            return _view(state, connection, made)

    return await run_in_threadpool(change)


@router.delete("/{provider_id}", status_code=HTTPStatus.NO_CONTENT)
def delete_provider(state: StateDep, provider_id: ProviderId) -> None:
    """Forget the provider, and all that was seen of it."""
    with state.backplane.database.transaction() as connection:
        require_open(providers.get(connection, provider_id), is_deleted=True)
        providers.remove(connection, provider_id)


@router.post("/{provider_id}/pause")
def pause_provider(state: StateDep, provider_id: ProviderId) -> ProviderView:
    """Check it no more, until it is resumed; nobody knows how it is meanwhile."""
    with state.backplane.database.transaction() as connection:
        return _view(
            state,
            connection,
            providers.set_paused(connection, provider_id, paused=True),
        )


@router.post("/{provider_id}/resume")
def resume_provider(state: StateDep, provider_id: ProviderId) -> ProviderView:
    """Check it at once, and then again as before."""
    with state.backplane.database.transaction() as connection:
        require_named(providers.get(connection, provider_id))
        return _view(
            state,
            connection,
            providers.set_paused(connection, provider_id, paused=False),
        )


@router.post("/{provider_id}/check", status_code=HTTPStatus.ACCEPTED)
def check_provider(state: StateDep, provider_id: ProviderId) -> ProviderView:
    """Have it checked now, even while its circuit is open; not while it is paused."""
    with state.backplane.database.transaction() as connection:
        providers.make_due(connection, [provider_id])
        return _view(state, connection, providers.get(connection, provider_id))


@router.get("/{provider_id}/checks")
def list_checks(
    state: StateDep,
    provider_id: ProviderId,
    outcome: OutcomeName | None = None,
    after: After = None,
    limit: Limit = 50,
) -> CheckPage:
    """List checks, newest first. ``next`` is ``after`` of the page behind."""
    with state.backplane.database.reading() as connection:
        providers.get(connection, provider_id)
        found = provider_history.list_checks(
            connection,
            provider_id,
            outcome=None if outcome is None else CheckOutcome(outcome),
            before=read_number(after),
            limit=limit + 1,
        )
    has_more = len(found) > limit
    return CheckPage(
        items=[check_view(each) for each in found[:limit]],
        next=str(found[limit - 1].number) if has_more else "",
    )


@router.get("/{provider_id}/changes")
def list_changes(
    state: StateDep, provider_id: ProviderId, after: After = None, limit: Limit = 50
) -> ChangePage:
    """List changes of its state, newest first: what uptime is made of."""
    cursor = read_cursor(after, CHANGE_ID)
    with state.backplane.database.reading() as connection:
        providers.get(connection, provider_id)
        found = provider_history.list_changes(
            connection, provider_id, after=cursor, limit=limit + 1
        )
    last = found[limit - 1] if len(found) > limit else None
    return ChangePage(
        items=[change_view(each) for each in found[:limit]],
        next="" if last is None else write_cursor(last.at, last.id),
    )


@router.get("/{provider_id}/statistics")
def provider_statistics(
    state: StateDep,
    provider_id: ProviderId,
    hours: Annotated[float, Query(gt=0, le=MAX_HOURS)] = 24.0,
) -> StatisticsView:
    """Look at what it was like in the last hours, and how its budgets stand now."""
    return statistics(state, provider_id, hours)


@router.get("/{provider_id}/series")
def list_series(
    state: StateDep,
    provider_id: ProviderId,
    name: Annotated[str | None, Query(max_length=50)] = None,
    after: After = None,
    limit: Limit = 50,
) -> CollectionPage:
    """List the numbers that were collected, newest first: of all series, or of one."""
    with state.backplane.database.reading() as connection:
        found = providers.get(connection, provider_id)
        require_series(found, name)
        rows = provider_series.list_collections(
            connection, provider_id, before=read_number(after), limit=limit + 1
        )
    has_more = len(rows) > limit
    return CollectionPage(
        items=[collection_view(each, name) for each in rows[:limit]],
        next=str(rows[limit - 1].number) if has_more else "",
    )


def _view(state: ApiState, connection: Connection, found: Provider) -> ProviderView:
    return provider_view(found, state.settings, at=database_time(connection))
