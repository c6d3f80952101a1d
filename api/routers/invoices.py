"""/v1/invoices, /v1/prices: what jobs cost, and what each caller used in a month."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from api import csv_text
from api.dependencies import CallerDep, StateDep
from api.schemas.endpoint import PLAIN
from api.schemas.invoice import PriceList, PriceView
from api.state import ApiState
from db.contracts.errors import NotFoundError
from db.contracts.event import timestamp
from db.contracts.price import to_cents
from db.repositories import charges, prices
from db.repositories.charges import Line
from db.repositories.prices import Prices

router = APIRouter(prefix="/v1", tags=["overview"])

PAGE = 500
CSV = "text/csv"
COLUMNS = (
    *("month", "caller", "kind", "jobs", "cpu_seconds"),
    *("price_per_job", "price_per_cpu_second", "price_since", "amount", "currency"),
)
TOTAL = "total"

Month = Annotated[
    str,
    Query(
        pattern=r"^(20[0-9]{2})-(0[1-9]|1[0-2])$",
        description="Such as 2026-11; the present one is told as far as it is.",
    ),
]


@router.get("/prices")
def list_prices(state: StateDep) -> PriceList:
    """List every price that was ever in force, newest first."""
    with state.backplane.database.reading() as connection:
        known = prices.read(connection, usual=state.settings.price_list)
    return PriceList(
        currency=state.settings.currency,
        items=[
            PriceView(
                kind=kind,
                per_job=f"{each.price.per_job:f}",
                per_cpu_second=f"{each.price.per_cpu_s:f}",
                in_force_since=timestamp(each.in_force_at)
                if each.in_force_at
                else None,
                in_force=each is known.at(kind, float("inf")),
            )
            for kind, each in known.newest_first()
        ],
    )


@router.get(
    "/invoices",
    response_class=StreamingResponse,
    responses={200: {"content": {CSV: {"schema": {"type": "string"}}}}},
)
def get_invoices(
    state: StateDep,
    asking: CallerDep,
    month: Month,
    caller: Annotated[str | None, Query(max_length=200, pattern=PLAIN)] = None,
) -> StreamingResponse:
    """Download what was used in a month, by caller, kind and price, and its amounts."""
    if caller is not None and not asking.sees(caller):
        raise NotFoundError(f"there is no caller {caller}")
    headers = {"Content-Disposition": f'attachment; filename="invoices-{month}.csv"'}
    lines = _lines(state, month, caller if caller is not None else asking.sees_of)
    return StreamingResponse(lines, media_type=CSV, headers=headers)


def _lines(state: ApiState, month: str, caller: str | None) -> Iterator[str]:
    """Yield the table, some lines at a time, with a total behind each caller's."""
    yield csv_text.lines([COLUMNS])
    currency = state.settings.currency
    told: str | None = None
    total = Decimal(0)
    for known, line in _found(state, month, caller):
        if told is not None and line.caller != told:
            yield csv_text.lines([_total(month, told, total, currency)])
            total = Decimal(0)
        told = line.caller
        use = line.use
        version = known.numbered(use.kind, use.price)
        amount = to_cents(version.price.of(use.jobs, use.cpu_ms))
        total += amount
        yield csv_text.lines(
            [
                (
                    *(month, line.caller, use.kind, use.jobs),
                    Decimal(use.cpu_ms) / 1000,
                    f"{version.price.per_job:f}",
                    f"{version.price.per_cpu_s:f}",
                    timestamp(version.in_force_at) if version.in_force_at else None,
                    *(amount, currency),
                )
            ]
        )
    if told is not None:
        yield csv_text.lines([_total(month, told, total, currency)])


def _total(
    month: str, caller: str, amount: Decimal, currency: str
) -> tuple[object, ...]:
    return (month, caller, TOTAL, *(None,) * 5, to_cents(amount), currency)


def _found(
    state: ApiState, month: str, caller: str | None
) -> Iterator[tuple[Prices, Line]]:
    """Yield what was used, each page by a transaction of its own."""
    year, _, number = month.partition("-")
    of_month = int(year) * 12 + int(number) - 1
    after: tuple[str, str, int] | None = None
    while True:
        with state.backplane.database.reading() as connection:
            known = prices.read(connection, usual=state.settings.price_list)
            found = charges.of_month(
                connection, of_month, caller=caller, after=after, limit=PAGE
            )
        for line in found:
            yield known, line
        if len(found) < PAGE:
            return
        after = (found[-1].caller, found[-1].use.kind, found[-1].use.price)
