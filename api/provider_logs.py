"""Logs about providers as callers ask for them: chosen, in pages, in three forms."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy import Connection

from api import csv_text
from api.instances import invalid
from api.schemas.log import (
    CollectionLine,
    ConnectionLine,
    FailureLine,
    UsageLine,
)
from api.schemas.schedule import EARLIEST, LATEST
from api.state import ApiState
from db.contracts.errors import NotFoundError
from db.contracts.near_miss import did_you_mean
from db.log_entries import (
    collection_entry,
    connection_entry,
    failure_entry,
    usage_entry,
)
from db.models import ProviderCollection, ProviderUsage
from db.repositories import provider_logs, providers
from db.repositories.provider_logs import (
    STATUSES,
    Line,
    LogFilter,
    LogType,
    Position,
)

PAGE = 500
CSV, NDJSON, JSON = "text/csv", "application/x-ndjson", "application/json"


class Form(StrEnum):
    """In which form lines are answered."""

    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"


MEDIA_TYPES = {Form.JSON: JSON, Form.CSV: CSV, Form.NDJSON: NDJSON}
LINES: dict[LogType, type[BaseModel]] = {
    LogType.CONNECTION: ConnectionLine,
    LogType.FAILURE: FailureLine,
    LogType.COLLECTION: CollectionLine,
    LogType.RATE_LIMIT: UsageLine,
}


def log_named(text: str) -> LogType:
    """Return the log of this name; raise NotFoundError with those that there are."""
    try:
        return LogType(text)
    except ValueError as error:
        hint = did_you_mean(text, tuple(LogType))
        raise NotFoundError(
            "there is no such log",
            suggestion=f"{hint}There are {', '.join(LogType)}.",
        ) from error


def form_of(request: Request, named: Form | None) -> Form:
    """Return the form that is asked for, by name or by Accept; else JSON."""
    if named is not None:
        return named
    accepted = request.headers.get("accept", "")
    for form in (Form.CSV, Form.NDJSON):
        if MEDIA_TYPES[form] in accepted:
            return form
    return Form.JSON


def check_status(log: LogType, status: str | None) -> None:
    """Refuse what no line of the log is chosen by."""
    if status is not None and status not in STATUSES[log]:
        hint = did_you_mean(status, STATUSES[log])
        raise invalid(
            "#query/status",
            f"no line of the log {log} has this status",
            f"{hint}Send one of {', '.join(STATUSES[log])}.",
        )


def provider_id_of(connection: Connection, named: str | None) -> str | None:
    """Return the id of a provider that is named by it, or by its name."""
    if named is None:
        return None
    try:
        return providers.get(connection, named).id
    except NotFoundError:
        pass
    try:
        return providers.get_named(connection, named).id
    except NotFoundError as error:
        raise invalid(
            "#query/provider",
            "there is no such provider",
            "GET /v1/providers lists them; name one by its name or its id.",
        ) from error


def moment_of(text: str | None, *, pointer: str, is_end: bool) -> float | None:
    """Return a time or a day; without an offset it is UTC, and a day ends with it."""
    if not text:
        return None
    # A plus that was not escaped arrives as a space.
    text = text.strip().replace(" ", "+" if "T" in text else "T")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment is None or not EARLIEST <= moment <= LATEST:
        raise invalid(
            pointer,
            "neither a time nor a day",
            "Send 2026-11-22, or 2026-11-22T02:30:00Z.",
        )
    if is_end and len(text) == len("2026-11-22"):
        moment += timedelta(days=1)
    return moment.timestamp()


def line_view(log: LogType, line: Line) -> BaseModel:
    """Return one line."""
    return LINES[log].model_validate(_entry(log, line))


def _entry(log: LogType, line: Line) -> dict[str, Any]:
    record = line.record
    if isinstance(record, ProviderCollection):
        return collection_entry(line.provider, line.category, record)
    if isinstance(record, ProviderUsage):
        return usage_entry(line.provider, record)
    if log is LogType.FAILURE:
        return failure_entry(line.provider, record)
    return connection_entry(line.provider, record) | {"http_code": record.http_status}


def exported(
    state: ApiState, log: LogType, wanted: LogFilter, form: Form, *, limit: int
) -> StreamingResponse:
    """Answer with a file of up to so many lines."""
    written = _csv if form is Form.CSV else _ndjson
    headers = {"Content-Disposition": f'attachment; filename="{log}.{form}"'}
    return StreamingResponse(
        written(log, _pages(state, log, wanted, limit)),
        media_type=MEDIA_TYPES[form],
        headers=headers,
    )


def pages_of(total: int, per_page: int) -> int:
    return math.ceil(total / per_page)


def _csv(log: LogType, pages: Iterator[list[Line]]) -> Iterator[str]:
    columns = tuple(LINES[log].model_fields)
    yield csv_text.lines([columns])
    for page in pages:
        views = (line_view(log, each) for each in page)
        yield csv_text.lines(
            [getattr(each, name) for name in columns] for each in views
        )


def _ndjson(log: LogType, pages: Iterator[list[Line]]) -> Iterator[str]:
    for page in pages:
        yield "".join(f"{line_view(log, each).model_dump_json()}\n" for each in page)


def _pages(
    state: ApiState, log: LogType, wanted: LogFilter, limit: int
) -> Iterator[list[Line]]:
    """Yield lines, each page by a transaction of its own: readers may be slow."""
    after: Position | None = None
    while limit > 0:
        size = min(PAGE, limit)
        with state.backplane.database.reading() as connection:
            page = provider_logs.list_lines(
                connection, log, wanted, after=after, limit=size
            )
        if page:
            yield page
            after = page[-1].position
        limit = limit - size if len(page) == size else 0
