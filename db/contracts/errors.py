"""What can go wrong in the service, in words that any process understands.

ServiceError
├── InvalidInputError          the caller must change the request
├── NotFoundError              there is no such thing, or it is not the caller's
├── JobFinishedError           a final state is never changed
├── JobNotFinishedError        only what has ended can be deleted or repeated
├── NotReproducibleError       nothing could show that it came to the same again
├── ResultGoneError            it was kept as long as results are
├── NameTakenError             another one of its kind is called so
├── ProviderFixedError         what describes the provider is elsewhere
├── NotUndoableError           what was done was undone, or changed again
├── KeyReusedError             the same idempotency key, another request
├── KeyInUseError              the first request with this key is being answered
├── QuotaExceededError         as much as one caller may have waiting
├── RateLimitedError           more requests than one caller may send in a while
├── UnauthenticatedError       nobody says who asks, or it cannot be believed
├── ForbiddenError             the caller is known, and may not do this
├── TooLargeError              over a limit that settings name
├── UnsupportedMediaTypeError  a body we do not read
├── WaitTimeoutError           the answer takes longer than the caller waits
├── SlowRequestError           the request takes longer to arrive than it may
├── LeaseLostError             another attempt owns the job now
├── LostTooOftenError          the job takes its workers with it
├── NothingFoundError          no child of the job has come to a result
├── TimeLimitError             a calculation takes longer than it was given
├── TooMuchMemoryError         a job needs more room than one may have
├── UnavailableError           a part is away; the same call may go through later
│   ├── ServiceFullError
│   ├── CircuitOpenError
│   ├── DatabaseUnavailableError
│   └── StreamUnavailableError
└── InternalError              a fault of ours
"""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel


class InputProblem(BaseModel):
    """One thing wrong with a request, and where."""

    pointer: str
    """JSON pointer into the body (``#/instance/flow/3``), or ``#query/name``."""
    detail: str
    suggestion: str | None = None


class ErrorRecord(BaseModel):
    """An error as a job's row and its last event keep it."""

    code: str
    message: str
    suggestion: str
    retryable: bool


class ServiceError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False
    type_uri: ClassVar[str | None] = None
    """Where the kind of problem is registered, if that is not here."""
    suggestion: str = "Report this with the request id."
    retry_after_s: float | None = None
    """How long to wait, where that is known."""

    def __init__(
        self, message: str | None = None, *, suggestion: str | None = None
    ) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.suggestion = suggestion or type(self).suggestion
        super().__init__(self.message)

    def record(self) -> ErrorRecord:
        """Return what is stored of the error."""
        return ErrorRecord(
            code=self.code,
            message=self.message,
            suggestion=self.suggestion,
            retryable=self.retryable,
        )


def as_raised(record: ErrorRecord, *kinds: type[ServiceError]) -> ServiceError:
    """Return a recorded error as it was raised, if it was one of these.

    Anything else is a fault of ours to whoever hears of it.
    """
    kind = next((each for each in kinds if each.code == record.code), InternalError)
    return kind(record.message, suggestion=record.suggestion)


class InvalidInputError(ServiceError, ValueError):
    """The request is not valid."""

    code = "invalid-input"
    suggestion = "Correct the fields that errors names and send it again."

    def __init__(
        self,
        message: str | None = None,
        *,
        problems: Sequence[InputProblem] = (),
        suggestion: str | None = None,
    ) -> None:
        if problems:
            message = message or problems[0].detail
            suggestion = suggestion or problems[0].suggestion
        super().__init__(message, suggestion=suggestion)
        self.problems = tuple(problems)


class NotFoundError(ServiceError, LookupError):
    """There is nothing here by that name."""

    code = "not-found"
    suggestion = "Check the id; a listing shows what there is."


class JobFinishedError(ServiceError):
    """The job has ended already, and an ended job never changes."""

    code = "job-finished"
    suggestion = "Read its result, or send a new job."


class JobNotFinishedError(ServiceError):
    """The job has not ended yet."""

    code = "job-not-finished"
    suggestion = "Wait for its end, or cancel it first."


class NotReproducibleError(ServiceError):
    """The job cannot be repeated so that its result must come out again."""

    code = "not-reproducible"
    suggestion = "Rerun it: the same request with a new seed."


class ResultGoneError(ServiceError):
    """The result was kept as long as results are kept, and is gone."""

    code = "result-gone"
    suggestion = "Its certificate is kept: see the job. Rerun it for a new result."


class NameTakenError(ServiceError):
    """There is another one of this name."""

    code = "name-taken"
    suggestion = "Choose another name, or change the one that has it."


class ProviderFixedError(ServiceError):
    """The provider is not described here, so it cannot be changed here."""

    code = "provider-fixed"
    suggestion = "Change it in the registry file; here it can be paused."


class NotUndoableError(ServiceError):
    """What was done is not there any more to be undone."""

    code = "not-undoable"
    suggestion = "GET /v1/automations/log tells what was done, and undone."


class KeyReusedError(ServiceError):
    """The idempotency key came with another request before."""

    code = "idempotency-mismatch"
    suggestion = "Use a new key for each new request."


class KeyInUseError(ServiceError):
    """The first request with this idempotency key is still being answered."""

    code = "idempotency-in-progress"
    suggestion = "Send it again in a moment, with the same key."


class QuotaExceededError(ServiceError):
    """You have as many jobs waiting as one caller may have."""

    code = "quota-exceeded"
    suggestion = "Wait until some have ended."
    type_uri = "https://iana.org/assignments/http-problem-types#quota-exceeded"


class RateLimitedError(ServiceError):
    """You have sent more requests than one caller may in this time."""

    code = "rate-limited"
    suggestion = "Wait as long as Retry-After says; /v1/limits shows all limits."
    type_uri = "https://iana.org/assignments/http-problem-types#quota-exceeded"

    def __init__(
        self,
        message: str | None = None,
        *,
        suggestion: str | None = None,
        retry_after_s: float = 1.0,
        policy: str = "",
    ) -> None:
        super().__init__(message, suggestion=suggestion)
        self.retry_after_s = retry_after_s
        self.policy = policy
        """The name of the limit that was reached."""


class UnauthenticatedError(ServiceError):
    """A key or a token is needed for that."""

    code = "unauthenticated"
    suggestion = "Send Authorization: Bearer with your API key or token."


class ForbiddenError(ServiceError):
    """Your key or token does not allow this."""

    code = "forbidden"
    suggestion = "Ask the operator for a key with the scope that this needs."


class TooLargeError(ServiceError):
    """The request is larger than this service takes."""

    code = "too-large"
    suggestion = "Send less, or raise the limit in the settings."


class UnsupportedMediaTypeError(ServiceError):
    """The body's type is not one that is read here."""

    code = "unsupported-media-type"
    suggestion = "Send application/json."


class WaitTimeoutError(ServiceError):
    """The job has not ended in the time that the caller gave it."""

    code = "timeout"
    suggestion = "Ask for its status, or use /solve-async."


class SlowRequestError(ServiceError):
    """The request took longer to arrive than the service waits for one."""

    code = "slow-request"
    suggestion = "Send it faster, or store large instances once at /v1/instances."


class LeaseLostError(ServiceError):
    """Another attempt owns this job now; this one must stop without writing."""

    code = "lease-lost"


class LostTooOftenError(ServiceError):
    """Its worker died or fell silent each time it was tried."""

    code = "lost-too-often"
    suggestion = "Look for memory limits and crashes in the worker's log."


class NothingFoundError(ServiceError):
    """No child of the job has come to a result."""

    code = "nothing-found"
    suggestion = "Look at the errors of its children: /v1/jobs?parent=<its id>."


class TimeLimitError(ServiceError):
    """The calculation takes longer than it was given, and has nothing to show yet."""

    code = "time-limit"
    suggestion = "Give it more time_s, or ask for less: fewer digits, paths or points."


class TooMuchMemoryError(ServiceError):
    """The job needs more memory than one may have."""

    code = "memory-limit"
    suggestion = "Ask for less: fewer digits, paths or points."


class UnavailableError(ServiceError):
    """A part of the service is away for the moment."""

    code = "unavailable"
    retryable = True
    suggestion = "Send the same request again in a few seconds."


class ServiceFullError(UnavailableError):
    """The service has as many jobs waiting as it takes."""

    code = "temporary-reduced-capacity"
    suggestion = "Send it again in a few seconds."
    type_uri = (
        "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"
    )


class CircuitOpenError(UnavailableError):
    """A part has failed so often that it is left alone for a while."""

    code = "circuit-open"
    suggestion = "Wait as long as Retry-After says; /ready tells of the parts."

    def __init__(
        self,
        message: str | None = None,
        *,
        suggestion: str | None = None,
        retry_after_s: float = 1.0,
    ) -> None:
        super().__init__(message, suggestion=suggestion)
        self.retry_after_s = retry_after_s


class DatabaseUnavailableError(UnavailableError):
    """The database does not answer; nothing was recorded."""

    code = "database-unavailable"


class StreamUnavailableError(UnavailableError):
    """The event server does not answer."""

    code = "stream-unavailable"


class InternalError(ServiceError):
    """The service made a mistake while running the job."""

    code = "internal"
