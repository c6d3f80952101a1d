"""Whose things are whose: what is another's is not there.

What a caller may not see is answered like what there is not, word for word and by the
same one query.
"""

from db.backplane import Backplane
from db.contracts.caller import Caller
from db.contracts.errors import NotFoundError
from db.repositories import deliveries, endpoints, jobs, schedules


def require_job(backplane: Backplane, caller: Caller, job_id: str) -> None:
    """Raise NotFoundError unless the job is the caller's, or the caller sees all."""
    if caller.sees_all:
        return
    with backplane.database.reading() as connection:
        owner = jobs.owner_of(connection, job_id)
    if owner is None or not caller.sees(owner):
        raise NotFoundError(f"there is no job {job_id}")


def require_schedule(backplane: Backplane, caller: Caller, schedule_id: str) -> None:
    """Do as ``require_job`` for a schedule."""
    if caller.sees_all:
        return
    with backplane.database.reading() as connection:
        owner = schedules.owner_of(connection, schedule_id)
    if owner is None or not caller.sees(owner):
        raise NotFoundError(f"there is no schedule {schedule_id}")


def require_endpoint(backplane: Backplane, caller: Caller, endpoint_id: str) -> None:
    """Do as ``require_job`` for a webhook."""
    if caller.sees_all:
        return
    with backplane.database.reading() as connection:
        owner = endpoints.owner_of(connection, endpoint_id)
    if owner is None or not caller.sees(owner):
        raise NotFoundError(f"there is no webhook {endpoint_id}")


def require_delivery(backplane: Backplane, caller: Caller, delivery_id: str) -> None:
    """Do as ``require_job`` for a delivery."""
    if caller.sees_all:
        return
    with backplane.database.reading() as connection:
        owner = deliveries.owner_of(connection, delivery_id)
    if owner is None or not caller.sees(owner):
        raise NotFoundError(f"there is no delivery {delivery_id}")
