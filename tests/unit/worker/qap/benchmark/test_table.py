import io
import json
import math

import pytest

from tests.unit.worker.qap.benchmark.rows import row
from worker.qap.benchmark.table import (
    COLUMNS,
    read_csv,
    with_gap_ratios,
    write_csv_header,
    write_csv_row,
    write_json,
)


def written(*rows) -> str:
    stream = io.StringIO()
    write_csv_header(stream)
    for each in rows:
        write_csv_row(stream, each)
    return stream.getvalue()


ROWS = [
    row(trajectory=((0.001, 150), (0.25, 100)), note='commas, "quotes"'),
    row(objective=None, termination="skipped", time_to_target_s=None),
    row(objective=2, best_known=0, gap=math.inf, bound=0.1 + 0.2, seed=7),
    row(objective=2**60 + 1, best_known=2**60 + 1),
]


def test_csv_is_read_back_as_it_was_written() -> None:
    assert read_csv(io.StringIO(written(*ROWS))) == ROWS


def test_a_line_cut_off_by_a_crash_is_left_out() -> None:
    text = written(*ROWS)
    assert read_csv(io.StringIO(text[:-9])) == ROWS[:-1]


def test_a_table_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="Not a table"):
        read_csv(io.StringIO("a,b\n1,2\n"))


def test_a_damaged_line_is_refused() -> None:
    text = written(*ROWS) + "nug12,12\n"
    with pytest.raises(ValueError, match="Line 6 has 2 values"):
        read_csv(io.StringIO(text))


def test_json_has_every_column_and_no_infinity() -> None:
    stream = io.StringIO()
    write_json(stream, ROWS)
    objects = json.loads(stream.getvalue())
    assert [tuple(each) for each in objects] == [COLUMNS] * len(ROWS)
    assert objects[2]["gap"] is None
    assert objects[0]["trajectory"] == [[0.001, 150], [0.25, 100]]


def test_a_ratio_is_to_the_best_peer_in_the_same_circumstances() -> None:
    rows = with_gap_ratios(
        [
            row(objective=101),
            row(method="scipy:faq", objective=104),
            row(method="scipy:2opt", objective=102),
            row(objective=101, seed=2),
            row(method="scipy:faq", objective=108, seed=2, budget="1 s cpu"),
        ],
        ["scipy:faq", "scipy:2opt"],
    )
    assert [each.gap_ratio for each in rows] == [0.5, None, None, None, None]


@pytest.mark.parametrize(
    ("ours", "theirs", "ratio"),
    [(0.0, 0.0, 1.0), (math.inf, math.inf, 1.0), (0.1, 0.0, math.inf), (0.0, 2, 0.0)],
)
def test_a_ratio_is_there_for_zero_and_infinite_gaps(ours, theirs, ratio) -> None:
    rows = with_gap_ratios(
        [row(gap=ours), row(method="scipy:faq", gap=theirs)], ["scipy:faq"]
    )
    assert rows[0].gap_ratio == ratio
