"""Who is there: the workers of every queue, and beat."""

from api.doctor.finding import Finding, ok, wrong
from api.doctor.surroundings import Surroundings
from db.contracts.job_kind import Queue
from db.contracts.version import VERSION
from db.presence import ABSENT_AFTER_SECONDS, Presence

START_FIX = (
    "Start one: `solvequeue up`, or celery --app worker.app worker "
    "--queues={queues}; look at the end of logs/ in the home if it has ended."
)


def workers(around: Surroundings) -> Finding:
    presence = Presence(around.settings)
    try:
        living = presence.workers()
    finally:
        presence.close()
    served = {queue for worker in living for queue in worker.queues}
    unserved = [queue.value for queue in Queue if queue.value not in served]
    if unserved:
        return wrong(
            f"no worker serves {', '.join(unserved)}: what comes there waits",
            START_FIX.format(queues=",".join(unserved)),
        )
    others = sorted({worker.version for worker in living} - {VERSION})
    if others:
        return wrong(
            f"workers of version {', '.join(others)} beside {VERSION}",
            "Restart them with this version: stop the old ones with SIGTERM, which "
            "give their jobs back.",
        )
    slots = sum(worker.slots for worker in living if worker.solves)
    return ok(f"{len(living)} live and serve all queues, {slots} jobs at a time")


def beat(around: Surroundings) -> Finding:
    presence = Presence(around.settings)
    try:
        age = presence.tick_age_s()
    finally:
        presence.close()
    if age is None:
        return wrong(
            f"beat has not ticked for {ABSENT_AFTER_SECONDS} s: schedules do not "
            "start, and what a fault left behind is not found",
            "Start it: `solvequeue up`, or celery --app worker.app beat; and a worker "
            "for the queue schedules, which hears its ticks.",
        )
    return ok(f"ticked {max(0.0, age):.0f} s ago")
