"""The registry of routers: one resource a file and one line each."""

from fastapi import APIRouter

from api.routers import (
    batches,
    benchmarks,
    catalogue,
    deliveries,
    events,
    health,
    jobs,
    queues,
    schedules,
    sockets,
    solve,
)

ROUTERS: dict[str, APIRouter] = {
    "batches": batches.router,
    "benchmarks": benchmarks.router,
    "catalogue": catalogue.router,
    "deliveries": deliveries.router,
    "events": events.router,
    "health": health.router,
    "jobs": jobs.router,
    "schedules": schedules.router,
    "queues": queues.router,
    "sockets": sockets.router,
    "solve": solve.router,
}
