"""The data of a plot in the words of its contract."""

from db.contracts.calculations.convergence import ConvergenceParameters
from worker.calculations.convergence import calculate


def test_the_error_falls_with_the_digits() -> None:
    parameters = ConvergenceParameters(variables={"x": "0.7"}, levels=12)
    outcome = calculate(parameters, lambda fraction, message="": True)
    assert outcome.is_complete
    assert [level.digits for level in outcome.levels] == list(range(1, 13))
    assert all(float(level.error) <= 10.0**-level.digits for level in outcome.levels)
    assert outcome.certified.digits == 22
    assert outcome.levels[-1].terms is not None
