"""The API: `uvicorn --factory api.main:create_app`."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import errors, guard, openapi
from api.arenas import share_arenas
from api.callers import Identify
from api.deprecation import DEPRECATIONS, TellOfDeprecation
from api.door import Door
from api.live.attendance import Attendance
from api.live.calculator import Calculator
from api.long_answers import EndLongAnswers
from api.metrics import Activity, CountRequests
from api.openapi import DESCRIPTION
from api.relay.hub import Hub
from api.relay.periodic import Producer
from api.relay.places import Places
from api.relay.pulse import Pulse
from api.request_id import RequestId
from api.routers import ROUTERS
from api.sampler import sampler
from api.standing_leave import StandingLeave
from api.state import ApiState
from api.tracing import TraceRequests
from db.backplane import Backplane
from db.contracts.database_settings import Role
from db.contracts.metric import (
    HTTP_ACTIVE,
    STREAM_CLIENTS,
    WEBSOCKETS,
)
from db.contracts.settings import Settings
from db.contracts.version import VERSION
from db.logs import configure_logging
from db.reconciler import ReconcilerThread

SWITCH_SECONDS = 0.0005


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application; nothing needs to be up yet."""
    if settings is None:
        settings = Settings()
        # A process of its own: what the server says before the start is logged so too.
        configure_logging(settings)
        share_arenas()
    app = FastAPI(
        title="SolveQueue",
        version=VERSION,
        description=DESCRIPTION,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.solvequeue = state = ApiState(settings)
    app.state.hub = hub = Hub(settings)
    app.state.places = Places(settings)
    app.state.attendance = Attendance(state)
    app.state.calculator = Calculator(state, hub, app.state.places)
    app.state.door = Door(state)
    activity = Activity()
    state.meter.gauge(HTTP_ACTIVE, lambda: activity.requests)
    state.meter.gauge(WEBSOCKETS, lambda: activity.sockets)
    state.meter.gauge(STREAM_CLIENTS, lambda: hub.subscriptions)
    # As they are: routers that are included are matched twice, and all their routes
    # made anew for each application.
    app.state.routes = [route for each in ROUTERS.values() for route in each.routes]
    app.router.routes.extend(app.state.routes)
    errors.install(app)
    openapi.install(app)
    app.add_middleware(TellOfDeprecation, routes=DEPRECATIONS)
    app.state.leave = StandingLeave(app.state.door.recognise_again)
    app.add_middleware(EndLongAnswers, leave=app.state.leave)
    guard.install_inside(app, settings)
    app.add_middleware(Identify, door=app.state.door, settings=settings)
    # Once more, outside of the door and the guard: they may break as well.
    app.add_middleware(errors.CatchFaults)
    guard.install_outside(app, settings)
    app.add_middleware(
        CountRequests,
        meter=state.meter,
        activity=activity,
        writes_lines=settings.access_log,
    )
    if settings.otel_endpoint:
        app.add_middleware(TraceRequests, settings=settings)
    app.add_middleware(RequestId)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state: ApiState = app.state.solvequeue
    configure_logging(state.settings)
    # Threads hand a request on to each other; none may sit on the interpreter's lock
    # for the usual 5 ms meanwhile.
    sys.setswitchinterval(SWITCH_SECONDS)
    # What is loaded now stays: no collection need look at it again.
    gc.collect()
    gc.freeze()
    reconciler = ReconcilerThread(
        lambda: Backplane.open(state.settings, role=Role.RECONCILER, meter=state.meter)
    )
    reconciler.start()
    tell_own = app.state.attendance.tell_own
    producer = Producer(state, app.state.hub, tell_own=tell_own)
    tickers = [sampler(state), producer.ticker()]
    for ticker in tickers:
        ticker.start()
    pulse = Pulse(state, app.state.hub)
    beating = asyncio.create_task(pulse.run())
    try:
        with app.state.leave.ending_by_signal():
            yield
    finally:
        app.state.attendance.close()
        beating.cancel()
        await asyncio.gather(beating, pulse.close(), return_exceptions=True)
        await app.state.hub.close()
        for ticker in tickers:
            ticker.stop()
        await app.state.limits.close()
        reconciler.stop()
        state.close()
