"""Records as a person reads them: many as a table, one as its facts."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from api.cli.numbers import amount

COLORS = {
    **dict.fromkeys(("active", "delivered", "good", "online", "started"), "green"),
    **dict.fromkeys(("pending", "held", "paused", "degraded", "waiting"), "yellow"),
    **dict.fromkeys(("disabled", "offline", "critical", "exhausted"), "red"),
    **dict.fromkeys(("resolved", "ended", "skipped", "unknown"), "dim"),
    **dict.fromkeys(("open", "warning"), "bold yellow"),
}
RIGHT = ">"


def table(*headings: str) -> Table:
    """Return an empty table; a heading that begins with > has numbers below it."""
    made = Table(box=None, pad_edge=False, header_style="dim")
    for place, heading in enumerate(headings):
        is_number = heading.startswith(RIGHT)
        made.add_column(
            heading.removeprefix(RIGHT),
            justify="right" if is_number else "left",
            # What comes first is what other commands take.
            no_wrap=is_number or place == 0,
            overflow="fold",
        )
    return made


def state(word: str) -> Text:
    return Text(word, COLORS.get(word, ""))


def facts(record: BaseModel | Mapping[str, Any], *, skip: Iterable[str] = ()) -> Table:
    """Return what a record tells, a line for each fact; what is not there is left."""
    if isinstance(record, BaseModel):
        record = record.model_dump(mode="json")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in record.items():
        if name not in {*skip, "links"} and value not in (None, "", [], {}):
            grid.add_row(name.replace("_", " "), _told(value))
    return grid


def _told(value: Any) -> RenderableType:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return amount(value)
    if isinstance(value, Mapping):
        return facts(value)
    if isinstance(value, list | tuple):
        if all(isinstance(each, Mapping) for each in value):
            return _rows(value)
        return Text(", ".join(_word(each) for each in value))
    return Text(str(value))


def _rows(records: Iterable[Mapping[str, Any]]) -> Table:
    rows = list(records)
    names = list(dict.fromkeys(name for row in rows for name in row))
    made = table(*(name.replace("_", " ") for name in names))
    for row in rows:
        made.add_row(*(_word(row.get(name)) for name in names))
    return made


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return amount(value)
    return str(value)
