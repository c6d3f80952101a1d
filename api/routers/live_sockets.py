"""/ws, /ws/live, /ws/stats and what operators do with them: the earlier servers'."""

from collections.abc import Callable

from fastapi import APIRouter, Request, WebSocket

from api.body import parse, read_body, require_json
from api.callers import log_in
from api.dependencies import StateDep
from api.health_views import now_text
from api.live.attendance import Attendance, Visitor
from api.live.broadcasting import broadcast
from api.live.desk import Desk
from api.live.feed import Feed
from api.live.session import Manner, Session
from api.openapi import body_of
from api.relay.handshake import Accepted, accepting
from api.relay.socket import CLOSE_FORBIDDEN, CLOSE_UNAUTHENTICATED
from api.schemas.live import (
    Broadcast,
    BroadcastDone,
    ConnectionCount,
    SocketStats,
    SocketView,
)
from db.contracts.caller import Caller
from db.contracts.errors import ForbiddenError, TooLargeError, UnauthenticatedError
from db.contracts.event import timestamp

router = APIRouter(tags=["live"])

DESK, FEED = "/ws", "/ws/live"
MAX_LISTED = 1000
MAX_BROADCAST_BYTES = 65_536

Begin = Callable[[Session, Accepted, Caller, Visitor], Manner]


@router.websocket(DESK)
async def desk(socket: WebSocket) -> None:
    """Serve clients of the earlier calculators."""
    state = socket.app.state

    def begin(
        session: Session, accepted: Accepted, caller: Caller, _: Visitor
    ) -> Manner:
        return Desk(
            session,
            accepted,
            caller=caller,
            calculator=state.calculator,
            limits=state.limits,
            looks=state.door.looks,
        )

    await _serve(socket, DESK, begin)


@router.websocket(FEED)
async def feed(socket: WebSocket) -> None:
    """Serve clients of the earlier monitors."""

    def begin(
        session: Session, accepted: Accepted, caller: Caller, visitor: Visitor
    ) -> Manner:
        return Feed(session, visitor, hub=accepted.hub, caller=caller)

    await _serve(socket, FEED, begin)


@router.get("/ws/stats")
def socket_stats(request: Request) -> SocketStats:
    """Count and list the sockets of all processes; the latest, if there are many."""
    seen = _attendance(request).look()
    return SocketStats(
        active_connections=len(seen.visitors),
        connections=[
            SocketView(
                client_id=each.client_id,
                connected_at=timestamp(each.connected_at),
                last_ping=timestamp(each.last_ping),
            )
            for each in seen.visitors[-MAX_LISTED:]
        ],
        background_tasks_running=seen.is_whole,
        timestamp=now_text(),
    )


@router.get("/admin/connections")
def count_connections(request: Request) -> ConnectionCount:
    """Count the sockets of all processes."""
    return ConnectionCount(active_connections=len(_attendance(request).look().visitors))


@router.post("/admin/test/broadcast", openapi_extra=body_of(Broadcast))
async def test_broadcast(request: Request, state: StateDep) -> BroadcastDone:
    """Send a JSON object, as it is, to all who follow /ws/live."""
    require_json(request)
    body = await read_body(request, state.settings)
    if len(body) > MAX_BROADCAST_BYTES:
        raise TooLargeError(f"a broadcast has at most {MAX_BROADCAST_BYTES} bytes")
    parse(Broadcast, body)
    connections = await broadcast(state, _attendance(request), body.decode(), at=FEED)
    return BroadcastDone(status="Message broadcasted", connections=connections)


async def _serve(socket: WebSocket, path: str, begin: Begin) -> None:
    async with accepting(socket) as accepted:
        if accepted is None:
            return
        session = Session(socket, accepted, socket.app.state.attendance)
        try:
            caller = await log_in(socket, None)
        except (UnauthenticatedError, ForbiddenError) as error:
            session.refuse(error)
            is_known = isinstance(error, ForbiddenError)
            code = CLOSE_FORBIDDEN if is_known else CLOSE_UNAUTHENTICATED
            accepted.wire.close(code)
            return
        await session.run(
            path, lambda visitor: begin(session, accepted, caller, visitor)
        )


def _attendance(request: Request) -> Attendance:
    attendance: Attendance = request.app.state.attendance
    return attendance
