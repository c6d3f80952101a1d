"""Tables as CSV, which spreadsheets may open without running what is in them."""

import csv
import io
from collections.abc import Iterable

_FORMULA = "=+-@\t\r\n"
"""What a spreadsheet takes for the beginning of one."""


def lines(rows: Iterable[Iterable[object]]) -> str:
    """Return the rows, a line each."""
    text = io.StringIO()
    # Ends of lines as RFC 4180 has them, so that either half in a cell is quoted.
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([plain(value) for value in row] for row in rows)
    return text.getvalue()


def plain(value: object) -> object:
    """Return the value as a cell; text is text, whatever it begins with."""
    if isinstance(value, str) and value[:1] in tuple(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
