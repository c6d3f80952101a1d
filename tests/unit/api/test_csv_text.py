import csv
import io

import pytest

from api.csv_text import lines


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_begins_like_a_formula_is_text(begins: str) -> None:
    ((cell,),) = csv.reader(io.StringIO(lines([[f"{begins}1+1"]]), newline=""))
    assert cell == f"'{begins}1+1"


def test_numbers_stay_numbers_and_nothing_is_empty() -> None:
    assert lines([[-1, -0.5, None, "plain", True]]) == "-1,-0.5,,plain,True\r\n"


def test_what_has_commas_and_quotes_is_one_cell() -> None:
    ((cell,),) = csv.reader(io.StringIO(lines([['a,"b"\nc']]), newline=""))
    assert cell == 'a,"b"\nc'
