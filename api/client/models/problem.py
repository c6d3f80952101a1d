"""What a refusal says."""

from api.client.models.answer import Answer


class ProblemPart(Answer):
    """One thing wrong with a request, and where."""

    detail: str
    pointer: str = ""
    suggestion: str | None = None


class Problem(Answer):
    """The body of a refusal (RFC 9457)."""

    type: str = "about:blank"
    title: str = ""
    status: int
    detail: str = ""
    instance: str = ""
    errors: tuple[ProblemPart, ...] = ()
    suggestion: str = ""
    request_id: str = ""
