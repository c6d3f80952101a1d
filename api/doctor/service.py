"""What the service tells over HTTP, here or afar."""

import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx2

from api.doctor.connection import read_object
from api.doctor.finding import Finding, note, ok, skipped, wrong
from api.doctor.surroundings import Surroundings
from db.contracts.job_kind import Queue
from db.contracts.version import VERSION

MOST_APART_SECONDS = 30.0
WELL = ("ok", "healthy", "running", "unknown")


def service(around: Surroundings) -> Finding:
    url = around.service_url
    try:
        told = around.service.told("/health")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        fix = (
            "Correct --url or SOLVEQUEUE_URL, or start the service there."
            if around.url
            else "Start it: `solvequeue up`. If it runs elsewhere, name it with --url."
        )
        return wrong(
            f"nobody answers at {url}: {str(error) or type(error).__name__}", fix
        )
    if "services_online" not in told:
        return wrong(
            f"what answers at {url} is not SolveQueue",
            "Correct --url or SOLVEQUEUE_URL, or end what listens there.",
        )
    return ok(f"{url} is {told.get('status')}")


def version(around: Surroundings) -> Finding:
    found = str(around.service.told("/health").get("version", "unknown"))
    if found == VERSION:
        return ok(f"{found}, as here")
    return wrong(
        f"the service is version {found}, this command {VERSION}",
        f"Install the same on both sides: pip install solvequeue=={found} here, or "
        "restart the service after its update.",
    )


def key(around: Surroundings) -> Finding:
    """Ask for something that needs a key."""
    answer = around.service.get("/v1/limits")
    told = read_object(answer)
    if answer.is_success:
        return ok(f"you are {told.get('caller', 'known')}")
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        return wrong(
            f"the key is not good: {told.get('detail', '')}"
            if around.api_key
            else "the service wants a key",
            "Set SOLVEQUEUE_API_KEY to a key that is good: an operator makes one with "
            "`solvequeue keys create OWNER`.",
        )
    return wrong(
        f"{answer.status_code}: {told.get('detail', answer.reason_phrase)}",
        str(told.get("suggestion") or "Ask its operator."),
    )


def parts(around: Surroundings) -> Finding:
    components = around.service.told("/health").get("components", {})
    bad = [
        f"{name} is {status}"
        for name in ("database", "events", "broker", "scheduler", "optimization_engine")
        if (status := _status(components.get(name))) not in WELL
    ]
    if bad:
        return wrong(
            "; ".join(bad),
            "Run `solvequeue doctor` on the machine of the service: it tells why.",
        )
    return ok("database, events, broker, scheduler and solvers are well")


def clock(around: Surroundings) -> Finding:
    before = time.time()
    answer = around.service.get("/healthz")
    after = time.time()
    if "Date" not in answer.headers:
        return skipped("the service does not tell its time")
    told = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    # It tells whole seconds.
    apart = told + 1 - before if told + 1 < before else max(0.0, told - after)
    if abs(apart) <= MOST_APART_SECONDS:
        return ok("the service's and this machine's agree")
    return wrong(
        f"the service's clock is {apart:+.0f} s from this machine's",
        "Let both keep time by NTP: tokens and signatures of webhooks go by it.",
    )


def workers(around: Surroundings) -> Finding:
    answer = around.service.get("/v1/workers")
    if not answer.is_success:
        return skipped(_refusal(answer))
    living = read_object(answer).get("items", [])
    served = {queue for worker in living for queue in worker["queues"]}
    unserved = [queue.value for queue in Queue if queue.value not in served]
    if unserved:
        return wrong(
            f"no worker serves {', '.join(unserved)}: what comes there waits",
            "Have its operator start one, and run `solvequeue doctor` there.",
        )
    return ok(f"{len(living)} live and serve all queues")


def queues(around: Surroundings) -> Finding:
    answer = around.service.get("/v1/queues")
    if not answer.is_success:
        return skipped(_refusal(answer))
    found = read_object(answer).get("items", [])
    paused = [queue["name"] for queue in found if queue.get("paused_at")]
    if paused:
        return wrong(
            f"paused: {', '.join(paused)}",
            "When what it was paused for is over, as an operator: `solvequeue queues "
            f"resume {paused[0]}`",
        )
    return ok(", ".join(f"{each['waiting']} wait in {each['name']}" for each in found))


def webhooks(around: Surroundings) -> Finding:
    answer = around.service.get("/v1/webhooks?limit=200")
    if not answer.is_success:
        return skipped(_refusal(answer))
    found = read_object(answer).get("items", [])
    disabled = [each["id"] for each in found if each["state"] == "disabled"]
    if disabled:
        return note(
            f"disabled, as their receivers failed: {', '.join(disabled)}",
            f"Mend the receiver, then `solvequeue webhooks resume {disabled[0]}`.",
        )
    return ok(f"{len(found)} of yours, none disabled")


def _status(part: Any) -> str:
    return str(part.get("status") if isinstance(part, dict) else part)


def _refusal(answer: httpx2.Response) -> str:
    return str(read_object(answer).get("detail") or answer.reason_phrase)
