from db.contracts.calculations.irr import IRR, IrrParameters
from worker.calculations.irr import calculate


def test_the_golden_number() -> None:
    outcome = calculate(
        IrrParameters.model_validate(IRR.example), lambda _, message="": True
    )
    assert outcome.irr == 0.0821
    assert outcome.is_unique
    assert "Descartes" in outcome.algorithm


def test_no_rate_is_null_with_a_reason() -> None:
    parameters = IrrParameters(cash_flows=[-5.0], initial_investment=3.0)
    outcome = calculate(parameters, lambda _, message="": True)
    assert outcome.irr is None
    assert "one sign" in outcome.reason


def test_all_of_several_rates_are_told() -> None:
    parameters = IrrParameters(cash_flows=[-100.0, 230.0, -132.0])
    outcome = calculate(parameters, lambda _, message="": True)
    assert [root.rate for root in outcome.roots] == [0.1, 0.2]
    assert (outcome.irr, outcome.is_unique) == (0.1, False)
