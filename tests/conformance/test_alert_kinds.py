"""What every kind of alert promises, asked of each one."""

from typing import get_args

import pytest

from api.schemas.alert import KindName, MeasureName, SeverityName, StateName
from db.alarm import LEVELS
from db.contracts.alert import NATURES, USUAL, AlertKind, Measure, Severity
from db.contracts.provider import ProviderState
from db.repositories.alert_measures import READ

EACH = pytest.mark.parametrize("kind", AlertKind)


def test_the_registries_know_the_same() -> None:
    assert set(NATURES) == set(READ) == set(AlertKind)
    assert set(get_args(KindName)) == set(AlertKind)
    assert set(get_args(SeverityName)) == set(LEVELS) == set(Severity)
    assert set(get_args(MeasureName)) == set(Measure)
    assert set(get_args(StateName)) == set(ProviderState) - {"unknown"}


@EACH
def test_what_a_kind_needs_belongs_to_it(kind: AlertKind) -> None:
    nature = NATURES[kind]
    assert nature.needed <= nature.fields
    assert nature.low < nature.high
    assert nature.told
    assert bool(nature.measures) == ("measure" in nature.fields)


@EACH
def test_a_kind_has_a_usual_rule_that_keeps_to_it(kind: AlertKind) -> None:
    usual = [each for each in USUAL.values() if each.kind is kind]
    assert usual
    nature = NATURES[kind]
    for each in usual:
        given = {
            "states": bool(each.states),
            "value": each.value is not None,
            "measure": each.measure is not None,
            "window_s": each.window_s is not None,
            "least": each.least is not None,
        }
        named = {name for name, is_given in given.items() if is_given}
        assert nature.needed <= named <= nature.fields
        if each.value is not None:
            assert nature.low <= each.value <= nature.high
