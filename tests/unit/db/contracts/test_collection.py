"""What is collected from an answer, and how good it is."""

import pytest

from db.contracts.collection import collect, collect_again, moment_at
from db.contracts.provider import Collection

AT = 1_800_000_000.0
WANTED = Collection(series={"a": "/a", "b": "/list/1", "c": "/c~1d"}, stale_after_s=60)
DATED = WANTED.model_copy(update={"data_time": "/at"})
DOCUMENT = {"a": 1, "list": [0, "2.5"], "c/d": None, "at": AT - 61}


def test_what_is_there_is_collected_and_counted() -> None:
    found = collect(WANTED, DOCUMENT, AT)
    assert found.values == {"a": 1.0, "b": 2.5, "c": None}
    assert (found.records, found.quality) == (2, pytest.approx(2 / 3))
    assert (found.data_at, found.staleness_s) == (AT, 0)


@pytest.mark.parametrize(
    ("at", "quality", "staleness"),
    [
        (AT - 60, 2 / 3, 60),
        (AT - 61, 1 / 3, 61),
        (AT + 5, 2 / 3, 0),
        ("?", 1 / 3, None),
    ],
)
def test_what_is_stale_or_of_no_known_age_counts_half(
    at: object, quality: float, staleness: float | None
) -> None:
    found = collect(DATED, {**DOCUMENT, "at": at}, AT)
    assert found.quality == pytest.approx(quality)
    assert found.staleness_s == staleness


def test_an_unchanged_answer_is_as_old_as_it_says() -> None:
    known = {"a": 1.0, "gone": 7.0}
    again = collect_again(WANTED, known, AT - 500, AT)
    assert again.values == {"a": 1.0, "b": None, "c": None}
    assert again.staleness_s == 0
    assert collect_again(DATED, known, AT - 500, AT).staleness_s == 500


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        (AT, AT),
        (str(int(AT)), AT),
        (AT * 1000, AT),
        ("2027-01-15T08:00:00Z", AT),
        ("2027-01-15T09:00:00+01:00", AT),
        ("2027-01-15T08:00:00", AT),
        ("yesterday", None),
        (None, None),
        (True, None),
        ([], None),
    ],
)
def test_moments_are_told_in_many_ways(told: object, moment: float | None) -> None:
    assert moment_at({"at": told}, "/at") == moment
