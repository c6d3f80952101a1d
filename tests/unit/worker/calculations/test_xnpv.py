from datetime import date

import orjson
import pytest
import pyxirr

from api.body import parse
from db.contracts.calculations.xnpv import XNPV, XnpvParameters
from worker.calculations.xnpv import calculate


def test_the_value_is_that_of_another_library_at_the_earliest_date() -> None:
    parameters = parse(XnpvParameters, orjson.dumps(XNPV.example))
    outcome = calculate(parameters, lambda _, message="": True)
    expected = pyxirr.xnpv(0.08, parameters.dates, parameters.cash_flows)
    assert expected is not None
    assert outcome.xnpv_unrounded == pytest.approx(expected, abs=1e-9)
    assert outcome.xnpv == round(expected, 2)
    assert outcome.valued_at == date(2026, 1, 1)
