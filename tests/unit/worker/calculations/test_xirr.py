import orjson
import pytest
import pyxirr

from api.body import parse
from db.contracts.calculations.xirr import XIRR, XirrParameters
from worker.calculations.xirr import calculate


def test_the_rate_is_that_of_another_library() -> None:
    parameters = parse(XirrParameters, orjson.dumps(XIRR.example))
    outcome = calculate(parameters, lambda _, message="": True)
    expected = pyxirr.xirr(parameters.dates, parameters.cash_flows)
    # It ends its iteration there; the error of ours is proved.
    assert outcome.irr_unrounded == pytest.approx(expected, abs=1e-9)
    assert outcome.roots[0].error_bound < 1e-16
    assert outcome.is_unique
    assert 0 < XIRR.estimate_s(parameters) < 0.01
