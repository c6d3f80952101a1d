"""The registry of routers: one resource a file and one line each."""

from fastapi import APIRouter

from api.routers import (
    actions,
    analytics,
    batches,
    benchmark,
    benchmarks,
    catalogue,
    deliveries,
    events,
    health,
    jobs,
    methods,
    problems,
    queues,
    root,
    schedules,
    sockets,
    solve,
    solve_batch,
    verification,
)

ROUTERS: dict[str, APIRouter] = {
    "actions": actions.router,
    "analytics": analytics.router,
    "batches": batches.router,
    "benchmark": benchmark.router,
    "benchmarks": benchmarks.router,
    "catalogue": catalogue.router,
    "deliveries": deliveries.router,
    "events": events.router,
    "health": health.router,
    "jobs": jobs.router,
    "methods": methods.router,
    "problems": problems.router,
    "schedules": schedules.router,
    "queues": queues.router,
    "root": root.router,
    "sockets": sockets.router,
    "solve": solve.router,
    "solve_batch": solve_batch.router,
    "verification": verification.router,
}
