"""/v1/deliveries: one event owed to one webhook, attempt by attempt."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from api.body import parse, read_body, require_json
from api.delivery_views import delivery_views
from api.dependencies import DeliveryId, EndpointId, JobId, StateDep
from api.fetching import fetch, settle_fetched
from api.openapi import body_of
from api.schemas.delivery import DeliveryPage, DeliveryView
from api.schemas.endpoint import FetchedPage, FetchInput, OutcomeInput
from api.state import ApiState
from db.announcement import hint_deliveries
from db.contracts.delivery import DeliveryState, Mode
from db.repositories import deliveries, jobs

router = APIRouter(prefix="/v1", tags=["webhooks"])


@router.get("/jobs/{job_id}/deliveries")
def list_deliveries(state: StateDep, job_id: JobId) -> DeliveryPage:
    """List what is owed for a job, with every HTTP request that was made."""
    with state.backplane.database.reading() as connection:
        jobs.get_job(connection, job_id)
        found = deliveries.deliveries_of(connection, job_id)
        return DeliveryPage(items=delivery_views(connection, found))


@router.get("/deliveries/{delivery_id}")
def get_delivery(state: StateDep, delivery_id: DeliveryId) -> DeliveryView:
    """Look at a delivery, with every HTTP request that was made."""
    return _shown(state, delivery_id)


@router.post("/deliveries/{delivery_id}/resend", status_code=HTTPStatus.ACCEPTED)
def resend_delivery(state: StateDep, delivery_id: DeliveryId) -> DeliveryView:
    """Send it again, whatever became of it; held while its webhook is paused."""
    with state.backplane.database.transaction() as connection:
        owed = deliveries.resend(connection, delivery_id)
    if owed.mode == Mode.PUSH and owed.state == DeliveryState.PENDING:
        hint_deliveries(state.backplane.broker, [delivery_id])
    return _shown(state, delivery_id)


@router.post(
    "/webhooks/{endpoint_id}/fetch",
    response_model=FetchedPage,
    openapi_extra=body_of(FetchInput, is_required=False),
)
async def fetch_deliveries(
    request: Request, state: StateDep, endpoint_id: EndpointId
) -> FetchedPage:
    """Take what is owed to a webhook of mode ``pull``, signed, to be sent by you."""
    require_json(request)
    body = await read_body(request, state.settings)

    def take() -> FetchedPage:
        given = parse(FetchInput, body or b"{}")
        return fetch(state.backplane, endpoint_id, limit=given.limit)

    return await run_in_threadpool(take)


@router.post(
    "/deliveries/{delivery_id}/outcome",
    response_model=DeliveryView,
    openapi_extra=body_of(OutcomeInput),
)
async def settle_delivery(
    request: Request, state: StateDep, delivery_id: DeliveryId
) -> DeliveryView:
    """Say what came of a delivery that you fetched; what failed is due again later."""
    require_json(request)
    body = await read_body(request, state.settings)

    def settle() -> DeliveryView:
        settle_fetched(state.backplane, delivery_id, parse(OutcomeInput, body))
        return _shown(state, delivery_id)

    return await run_in_threadpool(settle)


def _shown(state: ApiState, delivery_id: str) -> DeliveryView:
    with state.backplane.database.reading() as connection:
        found = deliveries.get_delivery(connection, delivery_id)
        return delivery_views(connection, [found])[0]
