"""/v1/notifications: what you were told, and whether you have read it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from api.body import parse, read_body, require_json
from api.dependencies import CallerDep, NotificationId, StateDep
from api.instances import invalid
from api.notification_views import notification_view, told_to
from api.openapi import body_of
from api.ownership import NOTIFICATIONS
from api.paging import next_after, read_cursor
from api.schemas.notification import (
    NotificationPage,
    NotificationPatch,
    NotificationType,
    NotificationView,
    ReadInput,
    ReadView,
)
from api.schemas.schedule import Instant
from db.contracts.caller import Caller
from db.contracts.channel import ChannelName
from db.contracts.notification import Level
from db.models import Notification
from db.repositories import notifications
from db.repositories.notifications import Filter

router = APIRouter(prefix="/v1/notifications", tags=["notifications"])


@router.get("")
def list_notifications(
    state: StateDep,
    caller: CallerDep,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    level: Annotated[list[Level] | None, Query(max_length=10)] = None,
    types: Annotated[
        list[NotificationType] | None, Query(alias="type", max_length=20)
    ] = None,
    channel: Annotated[list[ChannelName] | None, Query(max_length=20)] = None,
    unread: bool | None = None,
    since: Annotated[Instant | None, Query()] = None,
) -> NotificationPage:
    """List what you were told, newest first. ``next`` is ``after`` of the page behind.

    ``unread`` of the answer counts all that you have not read.
    """
    cursor = read_cursor(after, NOTIFICATIONS.id_form)
    owners = told_to(caller)
    wanted = Filter(
        owners=owners,
        levels=level or (),
        types=types or (),
        channels=channel or (),
        unread=unread,
        since=since,
    )
    with state.backplane.database.reading() as connection:
        found = notifications.list_notifications(
            connection,
            wanted,
            after=cursor,
            limit=limit + 1,
        )
        count = notifications.count_unread(connection, owners)
    items = [notification_view(each) for each in found[:limit]]
    return NotificationPage(items=items, next=next_after(found, limit), unread=count)


@router.post(
    "/read",
    response_model=ReadView,
    openapi_extra=body_of(ReadInput, is_required=False),
)
async def read_notifications(
    request: Request, state: StateDep, caller: CallerDep
) -> ReadView:
    """Mark all as read, or one and all before it."""
    require_json(request)
    body = await read_body(request, state.settings)
    owners = told_to(caller)

    def read() -> ReadView:
        named = parse(ReadInput, body or b"{}").up_to
        with state.backplane.database.transaction() as connection:
            up_to = None if named is None else _seen(connection, named, caller)
            count = notifications.read_all(connection, owners, up_to=up_to)
            left = notifications.count_unread(connection, owners)
        return ReadView(read=count, unread=left)

    return await run_in_threadpool(read)


@router.get("/{notification_id}")
def get_notification(
    state: StateDep, notification_id: NotificationId
) -> NotificationView:
    """Look at a notification. That alone does not mark it as read."""
    with state.backplane.database.reading() as connection:
        found = notifications.get_notification(connection, notification_id)
    return notification_view(found)


@router.patch(
    "/{notification_id}",
    response_model=NotificationView,
    openapi_extra=body_of(NotificationPatch),
)
async def change_notification(
    request: Request, state: StateDep, notification_id: NotificationId
) -> NotificationView:
    """Mark it as read, or as not."""
    require_json(request)
    body = await read_body(request, state.settings)

    def change() -> NotificationView:
        is_read = parse(NotificationPatch, body).read
        with state.backplane.database.transaction() as connection:
            changed = notifications.set_read(
                connection, notification_id, is_read=is_read
            )
        return notification_view(changed)

    return await run_in_threadpool(change)


def _seen(connection: Connection, notification_id: str, caller: Caller) -> Notification:
    owner = notifications.owner_of(connection, notification_id)
    if owner is None or not caller.sees(owner):
        raise invalid(
            "#/up_to",
            "there is no such notification",
            "Name one by its id, or leave up_to out.",
        )
    return notifications.get_notification(connection, notification_id)
