"""What can go wrong between a program and the service.

ClientError
├── ProblemError            the service refused, and said why
│   ├── UnauthenticatedError   it wants a key or token, or another one
│   └── ForbiddenError         the key or token does not allow this
├── ServerUnreachableError  nobody answered
└── WaitTimeoutError        the job did not end in the time given
"""

from api.client.models import Job, Problem, ProblemPart


class ClientError(Exception):
    """A call did not do what it was made for."""


class ProblemError(ClientError):
    """The service refused. Printed, it says what a person can do about it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(self._sentence())

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


class UnauthenticatedError(ProblemError):
    """The service wants a key or a token, or does not believe this one."""


class ForbiddenError(ProblemError):
    """The key or token does not have the scope that this needs."""


class ServerUnreachableError(ClientError, ConnectionError):
    """Nobody answered at the address."""

    def __init__(self, base_url: str, reason: str) -> None:
        self.base_url = base_url
        self.reason = reason
        super().__init__(
            f"nobody answers at {base_url} ({reason}): start the service with "
            "`solvequeue up`, or name another one (--url, SOLVEQUEUE_URL, base_url)"
        )


class WaitTimeoutError(ClientError, TimeoutError):
    """The job did not end in the time given; it goes on."""

    def __init__(self, job: Job) -> None:
        self.job = job
        super().__init__(f"{job.id} is still {job.state}; it goes on")
