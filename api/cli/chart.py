"""Steps over time, drawn with braille cells: two by four dots in each character.

Rich does what a terminal needs. Of plotting libraries for terminals the smallest kept
ones draw through points, have state of their own, and write escape codes of their own;
the steps of an incumbent are sixty lines.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.text import Text

from api.cli.numbers import amount, seconds

Number = int | float
Points = Sequence[tuple[float, Number]]

BLANK = 0x2800
DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""By column and row of a cell."""
COLUMNS, ROWS = 2, 4


@dataclass(frozen=True, slots=True)
class Line:
    """Values that hold from their moments on, until the next."""

    style: str
    points: Points


def chart(
    lines: Sequence[Line], *, until: float, width: int, height: int
) -> list[Text]:
    """Return the rows of a chart, with the range of its values beside it.

    `width` and `height` are characters, `until` the seconds at the right edge. Of two
    lines in one cell the later is seen in its colour, and both in their dots.
    """
    values = [value for line in lines for _, value in line.points]
    if not values or until <= 0:
        return []
    low, high = min(values), max(values)
    labels = [amount(high), amount(low)]
    margin = max(map(len, labels)) + 1
    cells = width - margin
    if cells < 1:
        return []
    canvas = _Canvas(cells, height)
    for line in lines:
        for x, y in _dots(line.points, until, low, high, canvas):
            canvas.set(x, y, line.style)
    rows = [
        Text.assemble((f"{label:>{margin - 1}} ", "dim"), *row)
        for label, row in zip(
            [labels[0], *[""] * (height - 2), labels[1]], canvas.rows(), strict=True
        )
    ]
    end = seconds(until)
    foot = f"{'':{margin}}0{end:>{max(0, cells - 1)}}"
    return [*rows, Text(foot, "dim")]


class _Canvas:
    """Dots, and the style that each cell was given last."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._dots = [[BLANK] * width for _ in range(height)]
        self._styles = [[""] * width for _ in range(height)]

    def set(self, x: int, y: int, style: str) -> None:
        """Set a dot, counted from the left and from the top."""
        row, column = y // ROWS, x // COLUMNS
        self._dots[row][column] |= DOTS[x % COLUMNS][y % ROWS]
        self._styles[row][column] = style

    def rows(self) -> Iterator[list[tuple[str, str]]]:
        for dots, styles in zip(self._dots, self._styles, strict=True):
            yield [(chr(dot), style) for dot, style in zip(dots, styles, strict=True)]


def _dots(
    points: Points, until: float, low: Number, high: Number, canvas: _Canvas
) -> Iterator[tuple[int, int]]:
    """Yield the dots of the steps, with the risers between them."""
    right, bottom = canvas.width * COLUMNS - 1, canvas.height * ROWS - 1

    def x(moment: float) -> int:
        return round(min(1.0, max(0.0, moment / until)) * right)

    def y(value: Number) -> int:
        share = (value - low) / (high - low) if high > low else 0.5
        return bottom - round(share * bottom)

    ends = [*points, (until, points[-1][1])] if points else []
    for (begin, before), (end, after) in pairwise(ends):
        for column in range(x(begin), x(end) + 1):
            yield column, y(before)
        top, foot = sorted((y(before), y(after)))
        for row in range(top, foot + 1):
            yield x(end), row
