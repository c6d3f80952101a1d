"""/v1/webhooks: where the events of all one's jobs are told."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.body import parse, read_body, require_json
from api.delivery_views import delivery_views, endpoint_view, told
from api.dependencies import CallerDep, EndpointId, StateDep
from api.openapi import body_of
from api.ownership import DELIVERIES, WEBHOOKS
from api.paging import next_after, read_cursor
from api.schemas.delivery import DeliveriesPage, DeliveryReference
from api.schemas.endpoint import (
    EndpointInput,
    EndpointPage,
    EndpointPatch,
    EndpointView,
    NewEndpointView,
    RecoveredView,
    RecoverInput,
    RotateInput,
)
from api.state import ApiState
from api.webhooks import changes_of, new_endpoint
from db.announcement import hint_deliveries
from db.contracts.delivery import DeliveryState, Mode, new_secret
from db.models import Endpoint
from db.repositories import claims, deliveries, endpoints, notices
from db.repositories.jobs import database_time

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

HINTED = 100
"""So many are hinted at once; the reconciler has the others made."""


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=NewEndpointView,
    openapi_extra=body_of(EndpointInput),
)
async def create_webhook(
    request: Request, response: Response, state: StateDep, caller: CallerDep
) -> NewEndpointView:
    """Have the events of all your jobs told. Only this answer has the secret."""
    require_json(request)
    body = await read_body(request, state.settings)

    def create() -> NewEndpointView:
        given = parse(EndpointInput, body)
        new = new_endpoint(given, caller=caller, settings=state.settings)
        with state.backplane.database.transaction() as connection:
            made = endpoints.add_endpoint(
                connection, new, limit=state.settings.webhook_endpoints
            )
        return _with_secret(made, at=made.created_at)

    view = await run_in_threadpool(create)
    response.headers["Location"] = view.links.self
    response.headers["Cache-Control"] = "no-store"
    return view


@router.get("")
def list_webhooks(
    state: StateDep,
    caller: CallerDep,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> EndpointPage:
    """List webhooks, newest first. ``next`` is ``after`` of the page behind."""
    cursor = read_cursor(after, WEBHOOKS.id_form)
    with state.backplane.database.reading() as connection:
        found = endpoints.list_endpoints(
            connection, after=cursor, limit=limit + 1, owner=caller.sees_of
        )
        at = database_time(connection)
    items = [endpoint_view(each, at=at) for each in found[:limit]]
    return EndpointPage(items=items, next=next_after(found, limit))


@router.get("/{endpoint_id}")
def get_webhook(state: StateDep, endpoint_id: EndpointId) -> EndpointView:
    """Look at a webhook: what it hears of, and whether it gets it."""
    with state.backplane.database.reading() as connection:
        found = endpoints.get_endpoint(connection, endpoint_id)
        return endpoint_view(found, at=database_time(connection))


@router.patch(
    "/{endpoint_id}",
    response_model=EndpointView,
    openapi_extra=body_of(EndpointPatch),
)
async def change_webhook(
    request: Request, state: StateDep, endpoint_id: EndpointId
) -> EndpointView:
    """Change the fields that are sent; what is owed already goes to the new URL too."""
    require_json(request)
    body = await read_body(request, state.settings)

    def change() -> EndpointView:
        patch = parse(EndpointPatch, body)
        with state.backplane.database.transaction() as connection:
            mode = Mode(endpoints.get_endpoint(connection, endpoint_id).mode)
            changes = changes_of(patch, mode=mode, settings=state.settings)
            changed = endpoints.change_endpoint(connection, endpoint_id, changes)
        return endpoint_view(changed, at=changed.updated_at)

    return await run_in_threadpool(change)


@router.delete("/{endpoint_id}", status_code=HTTPStatus.NO_CONTENT)
def delete_webhook(state: StateDep, endpoint_id: EndpointId) -> None:
    """Forget the webhook and all that is owed to it."""
    with state.backplane.database.transaction() as connection:
        endpoints.delete_endpoint(connection, endpoint_id)


@router.post("/{endpoint_id}/pause")
def pause_webhook(state: StateDep, endpoint_id: EndpointId) -> EndpointView:
    """Hold what is owed to it, and what will be, until it is resumed."""
    with state.backplane.database.transaction() as connection:
        paused = endpoints.pause(connection, endpoint_id)
    return endpoint_view(paused, at=paused.updated_at)


@router.post("/{endpoint_id}/resume")
def resume_webhook(state: StateDep, endpoint_id: EndpointId) -> EndpointView:
    """Send what was held, and go on; also after the service has disabled it."""
    with state.backplane.database.transaction() as connection:
        resumed = endpoints.resume(connection, endpoint_id)
    _hint_due(state)
    return endpoint_view(resumed, at=resumed.updated_at)


@router.post(
    "/{endpoint_id}/rotate-secret",
    response_model=NewEndpointView,
    openapi_extra=body_of(RotateInput, is_required=False),
)
async def rotate_secret(
    request: Request, response: Response, state: StateDep, endpoint_id: EndpointId
) -> NewEndpointView:
    """Sign with a new secret, which only this answer has; old ones sign for a day."""
    require_json(request)
    body = await read_body(request, state.settings)

    def rotate() -> NewEndpointView:
        given = parse(RotateInput, body or b"{}")
        with state.backplane.database.transaction() as connection:
            rotated = endpoints.rotate(
                connection,
                endpoint_id,
                secret=given.secret or new_secret(),
                keep_old_s=given.keep_old_s,
            )
        return _with_secret(rotated, at=rotated.updated_at)

    response.headers["Cache-Control"] = "no-store"
    return await run_in_threadpool(rotate)


@router.post("/{endpoint_id}/test", status_code=HTTPStatus.ACCEPTED)
def test_webhook(state: StateDep, endpoint_id: EndpointId) -> DeliveryReference:
    """Send it a ``webhook.test``, once, also while it is paused or disabled."""
    with state.backplane.database.transaction() as connection:
        endpoint = endpoints.get_endpoint(connection, endpoint_id)
        delivery_id = notices.note_test(connection, endpoint)
    if endpoint.mode == Mode.PUSH:
        hint_deliveries(state.backplane.broker, [delivery_id])
    path = f"/v1/deliveries/{delivery_id}"
    return DeliveryReference(
        delivery_id=delivery_id, links={"self": path, "resend": f"{path}/resend"}
    )


@router.post(
    "/{endpoint_id}/recover",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RecoveredView,
    openapi_extra=body_of(RecoverInput),
)
async def recover_webhook(
    request: Request, state: StateDep, endpoint_id: EndpointId
) -> RecoveredView:
    """Owe it again all that it has missed since then."""
    require_json(request)
    body = await read_body(request, state.settings)

    def recover() -> RecoveredView:
        since = parse(RecoverInput, body).since
        with state.backplane.database.transaction() as connection:
            count = endpoints.recover(connection, endpoint_id, since=since)
        _hint_due(state)
        return RecoveredView(recovered=count)

    return await run_in_threadpool(recover)


@router.get("/{endpoint_id}/deliveries")
def list_webhook_deliveries(
    state: StateDep,
    endpoint_id: EndpointId,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    delivery_states: Annotated[
        list[DeliveryState], Query(alias="state", max_length=10)
    ] = [],  # noqa: B006 - FastAPI copies it
) -> DeliveriesPage:
    """List what was ever owed to it, newest first, with every request."""
    cursor = read_cursor(after, DELIVERIES.id_form)
    with state.backplane.database.reading() as connection:
        endpoints.get_endpoint(connection, endpoint_id)
        found = deliveries.list_deliveries(
            connection,
            endpoint_id,
            states=delivery_states,
            after=cursor,
            limit=limit + 1,
        )
        items = delivery_views(connection, found[:limit])
    return DeliveriesPage(items=items, next=next_after(found, limit))


def _hint_due(state: ApiState) -> None:
    """Have couriers begin with what was just owed, before the reconciler looks."""
    with state.backplane.database.transaction() as connection:
        due = claims.hint_due(
            connection, limit=HINTED, share=state.settings.webhook_share
        )
    hint_deliveries(state.backplane.broker, due)


def _with_secret(endpoint: Endpoint, *, at: float) -> NewEndpointView:
    return NewEndpointView(**told(endpoint, at=at), secret=endpoint.secret)
