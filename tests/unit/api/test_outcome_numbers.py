"""Which places of an outcome may be watched."""

from typing import Any

import pytest

from api.outcome_numbers import SHOWN, leads_to_number, numbers_to_point_to
from db.contracts.calculations import CALCULATIONS


@pytest.mark.parametrize(
    ("calculation", "pointer", "is_one"),
    [
        ("npv", "/npv", True),
        ("npv", "/nvp", False),
        ("npv", "/npv/0", False),
        ("npv", "npv", False),
        ("irr", "/irr", True),
        ("irr", "/reason", False),
        ("irr", "/is_unique", False),
        ("irr", "/roots", False),
        ("irr", "/roots/1/rate", True),
        ("irr", "/roots/one/rate", False),
        ("irr", "/roots/01/rate", False),
        ("payback", "/running_totals/7", True),
        ("payback", "/running_totals", False),
        ("comprehensive_roi", "/financial_metrics/npv", True),
        ("comprehensive_roi", "/financial_metrics", False),
        ("evaluate", "/value", True),
        ("evaluate", "/algorithm", False),
        ("evaluate", "/second/terms", True),
        ("evaluate", "/inputs/x/exact", False),
        ("tabulate", "/rows/0/value", True),
        ("tabulate", "/rows/0/problem", False),
    ],
)
def test_a_place_is_known_by_the_schema(
    calculation: str, pointer: str, is_one: bool
) -> None:
    outcome = CALCULATIONS[calculation].outcome
    assert leads_to_number(outcome, pointer, None) is is_one


def test_what_the_latest_outcome_has_is_there_whatever_the_schema_says() -> None:
    outcome = CALCULATIONS["npv"].outcome
    latest: dict[str, Any] = {"of an/earlier~version": ["1.5", "text", True]}
    at = "/of an~1earlier~0version"
    assert leads_to_number(outcome, f"{at}/0", latest)
    assert not leads_to_number(outcome, f"{at}/1", latest)
    assert f"{at}/0" in numbers_to_point_to(outcome, latest, meant="/npv")


@pytest.mark.parametrize("calculation", CALCULATIONS)
def test_each_place_that_is_suggested_may_be_watched(calculation: str) -> None:
    outcome = CALCULATIONS[calculation].outcome
    found = numbers_to_point_to(outcome, None, meant="/")
    assert 0 < len(found) <= SHOWN
    assert all(leads_to_number(outcome, each, None) for each in found)


def test_what_is_probably_meant_comes_first() -> None:
    outcome = CALCULATIONS["comprehensive_roi"].outcome
    meant = "/financial_metrics/payback_year"
    first, *_ = numbers_to_point_to(outcome, None, meant=meant)
    assert first == "/financial_metrics/payback_years"
