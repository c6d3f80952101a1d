import pytest

from db.contracts.calculations.npv import NPV, NpvParameters
from db.contracts.errors import InvalidInputError
from worker.calculations.npv import calculate


def test_the_golden_number() -> None:
    outcome = calculate(
        NpvParameters.model_validate(NPV.example), lambda _, message="": True
    )
    assert outcome.npv == 16314.71
    assert outcome.npv_unrounded == pytest.approx(16314.707763379294, rel=1e-15)
    assert outcome.present_value == pytest.approx(516314.707763379294, rel=1e-15)


def test_a_value_beyond_doubles_names_the_rate() -> None:
    parameters = NpvParameters(cash_flows=[1.0] * 10_000, discount_rate=-0.99)
    with pytest.raises(InvalidInputError) as refused:
        calculate(parameters, lambda _, message="": True)
    assert refused.value.problems[0].pointer == "#/discount_rate"
