"""The API: `uvicorn --factory api.main:create_app`."""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import errors, openapi
from api.callers import Identify
from api.door import Door
from api.metrics import VERSION, CountRequests, Metrics
from api.openapi import PROBLEM_RESPONSE
from api.relay.hub import Hub
from api.request_id import RequestId
from api.routers import ROUTERS
from api.state import ApiState
from db.backplane import Backplane
from db.contracts.settings import Settings
from db.logs import configure_logging
from db.reconciler import ReconcilerThread

SWITCH_SECONDS = 0.0005
DESCRIPTION = """A self-hosted numeric job service: send a problem, watch the incumbent,
the bound and the gap, and be called back when it ends."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application; nothing needs to be up yet."""
    settings = settings or Settings()
    app = FastAPI(
        title="SolveQueue",
        version=VERSION,
        description=DESCRIPTION,
        lifespan=_lifespan,
        responses=dict.fromkeys(("4XX", "5XX", 422), PROBLEM_RESPONSE),
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.solvequeue = ApiState(settings)
    app.state.hub = Hub(settings)
    app.state.metrics = Metrics(app.state.hub)
    app.state.door = Door(app.state.solvequeue)
    for router in ROUTERS.values():
        app.include_router(router)
    # Inside of what answers faults: a door that breaks is a fault as well.
    app.add_middleware(Identify, door=app.state.door, settings=settings)
    errors.install(app)
    openapi.install(app)
    app.add_middleware(CountRequests, metrics=app.state.metrics)
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
    reconciler = ReconcilerThread(lambda: Backplane.open(state.settings))
    reconciler.start()
    try:
        yield
    finally:
        await app.state.hub.close()
        reconciler.stop()
        state.close()
