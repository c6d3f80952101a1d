"""The registry of routers: one resource a file and one line each."""

from fastapi import APIRouter

from api.routers import (
    actions,
    batches,
    benchmarks,
    catalogue,
    deliveries,
    events,
    health,
    jobs,
    keys,
    queues,
    schedules,
    sockets,
    solve,
    verification,
)

ROUTERS: dict[str, APIRouter] = {
    "actions": actions.router,
    "batches": batches.router,
    "benchmarks": benchmarks.router,
    "catalogue": catalogue.router,
    "deliveries": deliveries.router,
    "events": events.router,
    "health": health.router,
    "jobs": jobs.router,
    "keys": keys.router,
    "schedules": schedules.router,
    "queues": queues.router,
    "sockets": sockets.router,
    "solve": solve.router,
    "verification": verification.router,
}
