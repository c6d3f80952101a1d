"""A page for every kind of problem: what it means, when it happens, what to do.

``type`` of every error that is answered here resolves to one of them. What the error
class says already, its meaning and its advice, is not written twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from api.errors import STATUS
from db.contracts import errors
from db.contracts.errors import ServiceError


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """One kind of problem."""

    slug: str
    status: HTTPStatus
    """Of its answers; of the error of a failed job, what it would have been."""
    meaning: str
    when: str
    todo: str


ERRORS: dict[type[ServiceError], str] = {
    errors.InvalidInputError: "A field is missing, unknown, of the wrong type or out "
    "of its range; or the fields contradict each other. `errors` names each by a JSON "
    "pointer into what was sent.",
    errors.NotFoundError: "The id or name in the path, or the path itself, leads to "
    "nothing. What belongs to another caller is not there for you either.",
    errors.JobFinishedError: "A job is cancelled after it has succeeded, failed or "
    "expired.",
    errors.JobNotFinishedError: "A job is deleted or repeated before it has ended.",
    errors.NotReproducibleError: "A job is to be reproduced whose end depended on "
    "time, on an attempt that was lost, or on other searches.",
    errors.ResultGoneError: "A result or its events are read after "
    "`SOLVEQUEUE_RETENTION_DAYS`.",
    errors.KeyReusedError: "An `Idempotency-Key` is sent again with another body or to "
    "another path.",
    errors.NameTakenError: "Something is given a name that must be the only one of its "
    "kind, such as a provider's.",
    errors.NotUndoableError: "An automation's change that was undone before, or that "
    "somebody has changed again since.",
    errors.ProviderFixedError: "A provider that the registry file names, or a part of "
    "the service itself, is changed or deleted through the API.",
    errors.KeyInUseError: "A request is repeated with its `Idempotency-Key` while the "
    "first one still waits for its answer.",
    errors.QuotaExceededError: "`SOLVEQUEUE_MAX_QUEUED_PER_CALLER` of your jobs wait "
    "already.",
    errors.RateLimitedError: "Your bucket of this family of requests is empty; it "
    "fills steadily. `RateLimit` on every answer shows how full it is.",
    errors.UnauthenticatedError: "The service asks for keys and there is none, or it "
    "is unknown, expired or revoked.",
    errors.ForbiddenError: "The key or token lacks the scope that this route needs.",
    errors.TooLargeError: "The body is larger than `SOLVEQUEUE_MAX_BODY_BYTES`. "
    "Nothing of it was kept.",
    errors.UnsupportedMediaTypeError: "`Content-Type` is not JSON, or the body is "
    "compressed.",
    errors.WaitTimeoutError: "`/solve`, `/solve/batch` or `/benchmark` did not end in "
    "the time that the request gave. The job goes on; `detail` names it. The family is "
    "TIMEOUT_ERROR, as of slow-request.",
    errors.SlowRequestError: "The body stopped arriving, or came too slowly.",
    errors.LeaseLostError: "A worker was silent for longer than its lease, and another "
    "took over. It stands in logs, and is no answer to a request.",
    errors.LostTooOftenError: "Each of several workers that ran the job died or fell "
    "silent. It is the `error` of the job.",
    errors.TimeLimitError: "A calculation was not done within its time_s and had "
    "nothing to show by then. Those that have something, as monte_carlo, end with it.",
    errors.TooMuchMemoryError: "A calculation in a process of its own needed more "
    "memory than SOLVEQUEUE_MAX_CALCULATION_BYTES, or another job more than "
    "SOLVEQUEUE_MAX_JOB_BYTES. It is the `error` of the job, which is not tried again.",
    errors.NothingFoundError: "Every child of a job failed or was stopped before it "
    "found anything. It is the `error` of the job.",
    errors.UnavailableError: "A part that the request needs does not answer. Jobs that "
    "were accepted are safe.",
    errors.ServiceFullError: "`SOLVEQUEUE_MAX_QUEUED` jobs wait already.",
    errors.CircuitOpenError: "A part failed several times in a row. It is asked again "
    "when `Retry-After` is over; until then requests are answered without it.",
    errors.DatabaseUnavailableError: "The database cannot be reached. No job was "
    "recorded, so sending again makes no second one.",
    errors.StreamUnavailableError: "Redis, or Valkey, cannot be reached. Jobs are "
    "accepted and run all the same; events wait.",
    errors.InternalError: "A fault of ours. The log has it, under the request id.",
}
"""When each happens."""

OTHERS: tuple[ProblemPage, ...] = (
    ProblemPage(
        "bad-request",
        HTTPStatus.BAD_REQUEST,
        "The request is not HTTP as it should be.",
        "A header or the path cannot be read.",
        "Check the syntax of the request.",
    ),
    ProblemPage(
        "method-not-allowed",
        HTTPStatus.METHOD_NOT_ALLOWED,
        "The path is there, and does not take this method.",
        "For instance a GET of a path that only takes POST.",
        "Use a method that the Allow header names.",
    ),
    ProblemPage(
        "validation",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The request is not valid: the family VALIDATION_ERROR.",
        "Whatever is wrong with a request itself: invalid-input, too-large, "
        "unsupported-media-type, bad-request.",
        "Correct what `errors` and `suggestion` name; sending it again as it is "
        "changes nothing.",
    ),
    ProblemPage(
        "server",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "A part of the service is away or it made a mistake: the families "
        "SERVER_ERROR and INTERNAL_ERROR.",
        "unavailable, database-unavailable, stream-unavailable, "
        "temporary-reduced-capacity; internal.",
        "Send the same request again after Retry-After; report an internal one with "
        "its request id.",
    ),
    ProblemPage(
        "rate-limit",
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too much at once: the family RATE_LIMIT_EXCEEDED.",
        "More requests than the bucket holds (rate-limited), or more waiting jobs "
        "than one caller may have (quota-exceeded).",
        "Wait as long as Retry-After says.",
    ),
    ProblemPage(
        "circuit-breaker",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "A part has failed so often that it is left alone: the family "
        "CIRCUIT_BREAKER_OPEN.",
        "After several failures in a row, for a while (circuit-open).",
        "Wait as long as Retry-After says. An operator may reset it at "
        "/admin/circuit-breaker/reset.",
    ),
)
"""Those that no class of ours stands for: of HTTP, and the contract's families.

That of timeouts has the page of its usual error."""


def _pages() -> Iterator[ProblemPage]:
    for kind, when in ERRORS.items():
        error = kind()
        yield ProblemPage(
            error.code, STATUS[kind], error.message, when, error.suggestion
        )
    yield from OTHERS


PAGES: Mapping[str, ProblemPage] = {page.slug: page for page in _pages()}
