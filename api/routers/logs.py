"""/api/logs: what was called, what failed, what was collected and what was used up."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse

from api.dependencies import StateDep
from api.provider_logs import (
    CSV,
    NDJSON,
    Form,
    check_status,
    exported,
    form_of,
    line_view,
    log_named,
    moment_of,
    pages_of,
    provider_id_of,
)
from api.schemas.alert import PLAIN
from api.schemas.log import (
    CollectionLine,
    ConnectionLine,
    FailureLine,
    LogPage,
    UsageLine,
)
from db.repositories import jobs, provider_logs
from db.repositories.provider_logs import COUNTED, LogFilter, LogType

router = APIRouter(prefix="/api/logs", tags=["logs"])

MAX_LINES = 10_000
MAX_HOURS = 24 * 7
DAY_SECONDS = 86_400.0
TEXT = {"schema": {"type": "string"}}
FILES: dict[int | str, dict[str, Any]] = {200: {"content": {CSV: TEXT, NDJSON: TEXT}}}

ProviderText = Annotated[
    str | None,
    Query(min_length=1, max_length=200, pattern=PLAIN, description="A name, or an id."),
]
StatusText = Annotated[str | None, Query(max_length=32)]
TimeText = Annotated[
    str | None,
    Query(max_length=40, description="A time (RFC 3339), or a day; UTC if not told."),
]


@router.get("", response_model=LogPage, responses=FILES)
def list_calls(
    request: Request,
    state: StateDep,
    page: Annotated[int, Query(ge=1, le=COUNTED)] = 1,
    per_page: Annotated[int, Query(ge=1, le=500)] = 50,
    from_: Annotated[TimeText, Query(alias="from")] = None,
    to: TimeText = None,
    provider: ProviderText = None,
    status: StatusText = None,
    format_: Annotated[Form | None, Query(alias="format")] = None,
) -> LogPage | StreamingResponse:
    """List calls to providers by numbered pages, newest first.

    Without ``from`` of the last day. As CSV or NDJSON all of them, up to 10,000.
    """
    check_status(LogType.CONNECTION, status)
    since = moment_of(from_, pointer="#query/from", is_end=False)
    until = moment_of(to, pointer="#query/to", is_end=True)
    with state.backplane.database.reading() as connection:
        if since is None:
            since = (until or jobs.database_time(connection)) - DAY_SECONDS
        wanted = LogFilter(
            since=since,
            until=until,
            provider_id=provider_id_of(connection, provider),
            status=status,
        )
        form = form_of(request, format_)
        if form is not Form.JSON:
            return exported(state, LogType.CONNECTION, wanted, form, limit=MAX_LINES)
        total = provider_logs.count_lines(connection, LogType.CONNECTION, wanted)
        skip = (page - 1) * per_page
        lines = (
            provider_logs.list_lines(
                connection, LogType.CONNECTION, wanted, skip=skip, limit=per_page
            )
            if skip < total
            else []
        )
    return LogPage.model_validate(
        {
            "logs": [line_view(LogType.CONNECTION, each) for each in lines],
            "total": total,
            "page": page,
            "per_page": per_page,
            "pages": pages_of(total, per_page),
        },
        from_attributes=True,
    )


@router.get(
    "/{log_type}",
    response_model=list[ConnectionLine | FailureLine | CollectionLine | UsageLine],
    responses=FILES,
)
def read_log(
    request: Request,
    state: StateDep,
    log_type: Annotated[
        str, Path(max_length=100, description=f"One of {', '.join(LogType)}.")
    ],
    hours: Annotated[float, Query(gt=0, le=MAX_HOURS)] = 1.0,
    limit: Annotated[int, Query(ge=1, le=MAX_LINES)] = 100,
    provider: ProviderText = None,
    status: StatusText = None,
    format_: Annotated[Form | None, Query(alias="format")] = None,
) -> Any:
    """Read a log of the last hours, newest first, as JSON, CSV or NDJSON."""
    log = log_named(log_type)
    check_status(log, status)
    with state.backplane.database.reading() as connection:
        wanted = LogFilter(
            since=jobs.database_time(connection) - hours * 3600,
            provider_id=provider_id_of(connection, provider),
            status=status,
        )
        form = form_of(request, format_)
        if form is not Form.JSON:
            return exported(state, log, wanted, form, limit=limit)
        lines = provider_logs.list_lines(connection, log, wanted, limit=limit)
    return [line_view(log, each) for each in lines]
