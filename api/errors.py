"""Which error gives which HTTP status, and the one body that all of them have."""

import logging
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.findings import MAX_TEXT, clipped, describe
from api.methods import allowed_methods
from api.request_id import request_id
from db.contracts import errors
from db.contracts.errors import (
    InputProblem,
    InvalidInputError,
    RateLimitedError,
    ServiceError,
)

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_SECONDS = "2"
TRY_LATER = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})
MAX_PATH = 200

STATUS: dict[type[ServiceError], HTTPStatus] = {
    errors.InvalidInputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    errors.JobFinishedError: HTTPStatus.CONFLICT,
    errors.JobNotFinishedError: HTTPStatus.CONFLICT,
    errors.NotReproducibleError: HTTPStatus.CONFLICT,
    errors.ResultGoneError: HTTPStatus.GONE,
    errors.KeyReusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.KeyInUseError: HTTPStatus.CONFLICT,
    errors.NameTakenError: HTTPStatus.CONFLICT,
    errors.ProviderFixedError: HTTPStatus.CONFLICT,
    errors.NotUndoableError: HTTPStatus.CONFLICT,
    errors.QuotaExceededError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.RateLimitedError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.UnauthenticatedError: HTTPStatus.UNAUTHORIZED,
    errors.ForbiddenError: HTTPStatus.FORBIDDEN,
    errors.TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.UnsupportedMediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.WaitTimeoutError: HTTPStatus.REQUEST_TIMEOUT,
    errors.SlowRequestError: HTTPStatus.REQUEST_TIMEOUT,
    errors.LeaseLostError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.LostTooOftenError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.NothingFoundError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.TimeLimitError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooMuchMemoryError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ServiceFullError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.CircuitOpenError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.DatabaseUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StreamUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

FAMILY: dict[int, str] = {
    HTTPStatus.UNPROCESSABLE_ENTITY: "VALIDATION_ERROR",
    HTTPStatus.BAD_REQUEST: "VALIDATION_ERROR",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "VALIDATION_ERROR",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "VALIDATION_ERROR",
    HTTPStatus.REQUEST_TIMEOUT: "TIMEOUT_ERROR",
    HTTPStatus.TOO_MANY_REQUESTS: "RATE_LIMIT_EXCEEDED",
    HTTPStatus.SERVICE_UNAVAILABLE: "SERVER_ERROR",
    HTTPStatus.INTERNAL_SERVER_ERROR: "INTERNAL_ERROR",
}
"""The contract's ``error_code`` of a status; others are named after the problem."""
FAMILY_OF_CODE = {errors.CircuitOpenError.code: "CIRCUIT_BREAKER_OPEN"}

PLAIN_CODES = frozenset({"bad-request", "method-not-allowed"})
"""Problems of HTTP itself that have a page; no error of ours stands for them."""
CODES = frozenset(kind.code for kind in STATUS) | PLAIN_CODES

ADVICE: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "Check the syntax of the request.",
    HTTPStatus.NOT_FOUND: "Check the path; /openapi.json lists them all.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Use a method that the Allow header names.",
}


def problem(
    request: HTTPConnection,
    status: int,
    *,
    code: str,
    detail: str,
    suggestion: str,
    problems: Sequence[InputProblem] = (),
    headers: Mapping[str, str] | None = None,
    type_uri: str | None = None,
    violated: Sequence[str] = (),
) -> JSONResponse:
    """Return the body of RFC 9457 and of the earlier service's errors, in one."""
    title = HTTPStatus(status).phrase
    body: dict[str, Any] = {
        # RFC 9457: where there is no page, the status says all there is to say.
        "type": type_uri or (f"/problems/{code}" if code in CODES else "about:blank"),
        "title": title,
        "status": status,
        "detail": clipped(detail, MAX_TEXT),
        # Not request.url: a Host header may hold what makes no URL.
        "instance": quote(request.scope["path"], errors="replace")[:MAX_PATH],
        "errors": [p.model_dump(exclude_none=True) for p in problems],
        "error_code": family_of(code, status),
        "message": clipped(detail, MAX_TEXT),
        "suggestion": clipped(suggestion, MAX_TEXT),
        "timestamp": datetime.now(UTC).isoformat(),
        "request_id": request_id(),
        # Where clients of the other systems look for them.
        "error": title,
        "details": {"code": code, "status": status, "problems": len(problems)},
    }
    if violated:
        # As the draft of the RateLimit header fields calls it.
        body["violated-policies"] = list(violated)
    answer_headers = dict(headers or {})
    if status in TRY_LATER:
        answer_headers.setdefault("Retry-After", RETRY_AFTER_SECONDS)
    return JSONResponse(body, status, media_type=PROBLEM_JSON, headers=answer_headers)


def family_of(code: str, status: int) -> str:
    """Return the contract's ``error_code``."""
    return FAMILY_OF_CODE.get(code) or FAMILY.get(
        status, code.upper().replace("-", "_")
    )


def install(app: FastAPI) -> None:
    """Answer every error with a problem."""
    app.add_exception_handler(ServiceError, _on_service_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_middleware(CatchFaults)


class CatchFaults:
    """Answer what nobody expected with a problem, inside of what counts and names.

    Starlette's own handler of `Exception` stands outside of every middleware: its
    answers would have no request id and be in no metric.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception as error:
            if has_begun:
                raise
            response = _on_fault(Request(scope), error)
            await response(scope, receive, send)


async def _on_service_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ServiceError)
    return answer_error(request, error)


def answer_error(request: HTTPConnection, error: ServiceError) -> JSONResponse:
    """Return the problem that an error of ours is to its caller."""
    status = STATUS[type(error)]
    headers = {}
    if error.retry_after_s is not None:
        # Rounded up: who comes back then must find the way open.
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("fault", extra={"action": "request_failed"}, exc_info=error)
    return problem(
        request,
        status,
        code=error.code,
        detail=error.message,
        suggestion=error.suggestion,
        problems=error.problems if isinstance(error, InvalidInputError) else (),
        headers=headers,
        type_uri=error.type_uri,
        violated=[error.policy] if isinstance(error, RateLimitedError) else (),
    )


async def _on_validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = describe(error.errors())
    return await _on_service_error(request, InvalidInputError(problems=problems))


async def _on_http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = error.status_code
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        # The framework names those of the first route only.
        allowed = allowed_methods(request.app.state.routes, request.scope)
        headers["Allow"] = ", ".join(allowed)
    return problem(
        request,
        status,
        code=HTTPStatus(status).phrase.lower().replace(" ", "-"),
        detail=str(error.detail),
        suggestion=ADVICE.get(status, "Check the request."),
        headers=headers,
    )


def _on_fault(request: Request, error: Exception) -> JSONResponse:
    logger.error("fault", extra={"action": "request_failed"}, exc_info=error)
    return problem(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        code="internal",
        detail="The service made a mistake.",
        suggestion="Report this with the request id.",
    )
