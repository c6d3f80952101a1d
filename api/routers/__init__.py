"""The registry of routers: one resource a file and one line each."""

from fastapi import APIRouter

from api.routers import (
    actions,
    admin,
    batches,
    benchmarks,
    catalogue,
    deliveries,
    documentation,
    events,
    health,
    jobs,
    metrics,
    queues,
    schedules,
    sockets,
    solve,
    verification,
    workers,
)

ROUTERS: dict[str, APIRouter] = {
    "actions": actions.router,
    "admin": admin.router,
    "batches": batches.router,
    "benchmarks": benchmarks.router,
    "catalogue": catalogue.router,
    "deliveries": deliveries.router,
    "documentation": documentation.router,
    "events": events.router,
    "health": health.router,
    "jobs": jobs.router,
    "metrics": metrics.router,
    "schedules": schedules.router,
    "queues": queues.router,
    "sockets": sockets.router,
    "solve": solve.router,
    "verification": verification.router,
    "workers": workers.router,
}
