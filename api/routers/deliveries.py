"""/v1/jobs/{id}/deliveries: what became of a job's webhook, attempt by attempt."""

from collections.abc import Sequence

from fastapi import APIRouter

from api.dependencies import JobId, StateDep
from api.schemas.delivery import DeliveryAttemptView, DeliveryPage, DeliveryView
from db.contracts.delivery import DeliveryState
from db.contracts.event import optional_timestamp, timestamp
from db.models import Delivery, DeliveryAttempt
from db.repositories import deliveries, jobs

router = APIRouter(prefix="/v1/jobs", tags=["webhooks"])


@router.get("/{job_id}/deliveries")
def list_deliveries(state: StateDep, job_id: JobId) -> DeliveryPage:
    """List what is owed for a job, with every HTTP request that was made."""
    with state.backplane.database.reading() as connection:
        jobs.get_job(connection, job_id)
        return DeliveryPage(
            items=[
                _view(delivery, deliveries.attempts_of(connection, delivery.id))
                for delivery in deliveries.deliveries_of(connection, job_id)
            ]
        )


def _view(delivery: Delivery, attempts: Sequence[DeliveryAttempt]) -> DeliveryView:
    state, finished_at = DeliveryState(delivery.state), delivery.finished_at
    is_pending = state is DeliveryState.PENDING
    return DeliveryView(
        id=delivery.id,
        state=state,
        created_at=timestamp(delivery.created_at),
        next_attempt_at=timestamp(delivery.next_attempt_at) if is_pending else None,
        finished_at=optional_timestamp(finished_at),
        attempts=[
            DeliveryAttemptView(
                number=attempt.number,
                started_at=timestamp(attempt.started_at),
                duration_ms=attempt.duration_ms,
                status_code=attempt.status_code,
                error=attempt.error,
                response_head=attempt.response_head,
            )
            for attempt in attempts
        ],
    )
