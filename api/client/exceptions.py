"""What can go wrong between a program and the service.

ClientError
├── ProblemError               the service refused, and said why
│   ├── InvalidInputError      what was sent cannot be understood or done
│   ├── UnauthenticatedError   it wants a key or token, or another one
│   ├── ForbiddenError         the key or token does not allow this
│   ├── NotFoundError          there is no such thing, or it is another's
│   ├── ConflictError          not as things are now
│   └── TooManyRequestsError   more than one caller may ask for
├── ServerUnreachableError     nobody answered
├── StrangerError              somebody else answered
├── WaitTimeoutError           the job did not end in the time given
└── JobFailedError             the job ended, and there is no result
"""

from api.client.models import Job, Problem, ProblemPart


class ClientError(Exception):
    """A call did not do what it was made for."""


class ProblemError(ClientError):
    """The service refused. Printed, it says what a person can do about it."""

    def __init__(
        self,
        problem: Problem,
        *,
        page: str = "",
        retry_after_seconds: float | None = None,
    ) -> None:
        self.problem = problem
        self.page = page
        """Where it is explained: what it means, when it happens, what to do."""
        self.retry_after_seconds = retry_after_seconds
        super().__init__(self._sentence())
        if page:
            # Tracebacks show it.
            self.add_note(f"More: {page}")

    @property
    def status(self) -> int:
        return self.problem.status

    @property
    def title(self) -> str:
        return self.problem.title

    @property
    def detail(self) -> str:
        return self.problem.detail

    @property
    def errors(self) -> tuple[ProblemPart, ...]:
        return self.problem.errors

    @property
    def suggestion(self) -> str:
        return self.problem.suggestion

    def _sentence(self) -> str:
        problem = self.problem
        lines = [f"{problem.detail or problem.title} ({problem.status})"]
        lines += [line for part in problem.errors if (line := self._part(part))]
        if problem.suggestion:
            lines.append(problem.suggestion)
        if problem.status >= 500 and problem.request_id:
            lines.append(f"Request id: {problem.request_id}")
        return "\n".join(lines)

    def _part(self, part: ProblemPart) -> str:
        """Return what the part adds to what is said already."""
        words = [f"at {part.pointer}"] if part.pointer else []
        if part.detail != self.problem.detail:
            words.append(part.detail)
        if part.suggestion and part.suggestion != self.problem.suggestion:
            words.append(part.suggestion)
        return ": ".join(words)


class InvalidInputError(ProblemError, ValueError):
    """What was sent cannot be understood or done; `errors` says which field."""


class UnauthenticatedError(ProblemError):
    """The service wants a key or a token, or does not believe this one."""


class ForbiddenError(ProblemError):
    """The key or token does not have the scope that this needs."""


class NotFoundError(ProblemError, LookupError):
    """There is no such thing, or it is another's."""


class ConflictError(ProblemError):
    """It cannot be done as things are now."""


class TooManyRequestsError(ProblemError):
    """More than one caller may ask for; `retry_after_seconds` says when there is room.

    Short waits are waited for before this is raised.
    """


class ServerUnreachableError(ClientError, ConnectionError):
    """Nobody answered at the address."""

    def __init__(self, base_url: str, reason: str) -> None:
        self.base_url = base_url
        self.reason = reason
        super().__init__(
            f"nobody answers at {base_url} ({reason}): start the service with "
            "`solvequeue up`, or name another one (--url, SOLVEQUEUE_URL, base_url)"
        )


class StrangerError(ClientError):
    """What answers at the address is not this service."""

    def __init__(self, address: str, answer: str) -> None:
        super().__init__(
            f"{address} answers with {answer}, which this service never does: look at "
            "the address (--url, SOLVEQUEUE_URL, base_url), and at proxies on the way"
        )


class WaitTimeoutError(ClientError, TimeoutError):
    """The job did not end in the time given; it goes on."""

    def __init__(self, job: Job) -> None:
        self.job = job
        super().__init__(f"{job.id} is still {job.state}; it goes on")


class JobFailedError(ClientError, RuntimeError):
    """The job has ended without a result; `job.error` says why."""

    def __init__(self, job: Job) -> None:
        self.job = job
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        error = self.job.error
        if error is None:
            return f"{self.job.id} is {self.job.state}, and has no result"
        lines = [f"{self.job.id} has {self.job.state}: {error.message} ({error.code})"]
        if error.suggestion:
            lines.append(error.suggestion)
        if error.retryable:
            lines.append("It may go through if it is sent again.")
        return "\n".join(lines)
